// Command check-types tells what the API server's own type checker says of the ValidatingAdmissionPolicies of a
// cluster. In a cluster a controller does it and writes the answer to the status of each policy; it is the same code.
//
//	check-types KUBECONFIG
//
// Prints a JSON object: for each policy with warnings its name, and the warnings.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apiserver/pkg/admission/plugin/policy/validating"
	"k8s.io/apiserver/pkg/cel/openapi/resolver"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/kubernetes/pkg/generated/openapi"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	if len(os.Args) != 2 {
		return fmt.Errorf("usage: check-types KUBECONFIG")
	}
	config, err := clientcmd.BuildConfigFromFlags("", os.Args[1])
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	checker := validating.TypeChecker{
		SchemaResolver: resolver.NewDefinitionsSchemaResolver(openapi.GetOpenAPIDefinitions, scheme.Scheme).
			Combine(&resolver.ClientDiscoveryResolver{Discovery: client.Discovery()}),
		RestMapper: restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(client.Discovery())),
	}
	policies, err := client.AdmissionregistrationV1().ValidatingAdmissionPolicies().
		List(context.Background(), metav1.ListOptions{})
	if err != nil {
		return err
	}
	warnings := map[string][]string{}
	for i := range policies.Items {
		policy := &policies.Items[i]
		for _, warning := range checker.Check(policy) {
			warnings[policy.Name] = append(warnings[policy.Name], warning.FieldRef+": "+warning.Warning)
		}
	}
	return json.NewEncoder(os.Stdout).Encode(warnings)
}
