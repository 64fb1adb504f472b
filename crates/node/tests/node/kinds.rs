//! The facts of the machines that most clusters are made of.

use crate::machines::kinds::{SECRETS, hardened_control_plane, k3s, kubeadm_control_plane, worker};
use crate::machines::{component, paths, unread};
use serde_json::json;

#[test]
fn a_worker_of_kubeadm() {
    insta::assert_snapshot!(worker().shown());
}

#[test]
fn a_control_plane_of_kubeadm() {
    insta::assert_snapshot!(kubeadm_control_plane().shown());
}

#[test]
fn a_hardened_control_plane() {
    insta::assert_snapshot!(hardened_control_plane().shown());
}

#[test]
fn a_server_of_k3s() {
    insta::assert_snapshot!(k3s().shown());
}

#[test]
fn no_secret_is_ever_shown() {
    for machine in [
        worker(),
        kubeadm_control_plane(),
        hardened_control_plane(),
        k3s(),
    ] {
        let shown = machine.shown();
        for secret in SECRETS {
            assert!(!shown.contains(secret), "{secret} in {shown}");
        }
    }
}

/// What is written is what any reader of YAML and of JSON gets.
#[test]
fn yaml_and_json_say_the_same() {
    let machine = hardened_control_plane();
    let value = machine.value();
    let read =
        plimsoll_node::settings::documents("facts.yaml", machine.shown().into_bytes()).unwrap();
    assert_eq!(read, [value]);
}

/// Without processes the manifests say what would run, in the places where its Pod has its files.
#[test]
fn without_processes_manifests_count() {
    let machine = kubeadm_control_plane();
    std::fs::remove_dir_all(machine.path("proc")).unwrap();
    let facts = machine.value();
    let api_server = component(&facts, "kube-apiserver");
    assert_eq!(api_server["from"], "static-pod");
    assert_eq!(api_server["version"], "v1.34.1");
    assert_eq!(api_server["command"][1], "--authorization-mode=Node,RBAC");
    assert!(unread(&facts).contains("processes: there is no /proc with processes in it"));
    assert!(paths(&facts, "pki-certificate").contains(&"/etc/kubernetes/pki/ca.crt"));
    assert_eq!(facts["spec"].get("timeSynchronisation"), None);
}

/// A container may call its program as it likes: a kubelet in a Pod is not the node's.
#[test]
fn what_calls_itself_kubelet_in_a_pod_is_none() {
    let machine = worker();
    machine.container(900, &["kubelet", "--anonymous-auth=true"], &[]);
    let facts = machine.value();
    let components = facts["spec"]["components"].as_array().unwrap();
    let kubelets = components
        .iter()
        .filter(|component| component["name"] == "kubelet");
    assert_eq!(kubelets.count(), 1);
}

/// A file in the image of a container is read through the root of its process, where the kernel allows it.
#[test]
fn a_file_in_the_image_is_read_through_the_process() {
    let machine = worker();
    machine.container(1002, &["kube-scheduler", "--config=/etc/own.yaml"], &[]);
    let missing = machine.value();
    let part = &component(&missing, "kube-scheduler")["unreadParts"][0];
    assert_eq!(part["part"], "configuration");
    let scheduler = "kind: KubeSchedulerConfiguration\nenableProfiling: false\n";
    machine.file("proc/1002/root/etc/own.yaml", 0o644, scheduler);
    let facts = machine.value();
    let configuration = &component(&facts, "kube-scheduler")["configuration"];
    assert_eq!(configuration["enableProfiling"], json!(false));
}

/// With a file etcd pays no heed to its flags (`etcdmain/config.go`).
#[test]
fn etcd_with_a_file() {
    let machine = worker();
    machine.process(
        1003,
        &[
            "etcd",
            "--config-file=/etc/etcd.yaml",
            "--data-dir=/ignored",
        ],
    );
    machine.file(
        "etc/etcd.yaml",
        0o600,
        "data-dir: /data/etcd\nclient-transport-security: {client-cert-auth: true}\n",
    );
    machine.directory("data/etcd", 0o755);
    let facts = machine.value();
    assert_eq!(
        component(&facts, "etcd")["configuration"]["data-dir"],
        "/data/etcd"
    );
    assert_eq!(paths(&facts, "etcd-data"), ["/data/etcd"]);
}

/// What containerd imports counts over what imports it; what is there twice counts once.
#[test]
fn imports_of_containerd() {
    let machine = worker();
    machine.file(
        "etc/containerd/config.toml",
        0o644,
        "version = 2\nroot = '/a'\nimports = ['conf.d/*.toml', '/etc/containerd/config.toml']\n",
    );
    machine.file(
        "etc/containerd/conf.d/1.toml",
        0o644,
        "root = '/b'\n[grpc]\nuid = 1\n",
    );
    machine.file(
        "etc/containerd/conf.d/2.toml",
        0o644,
        "root = '/c'\nimports = ['/etc/containerd/config.toml']\n",
    );
    machine.file("etc/containerd/conf.d/2.ini", 0o644, "root = '/d'\n");
    let facts = machine.value();
    let configuration = &component(&facts, "containerd")["configuration"];
    assert_eq!(configuration["root"], "/c");
    assert_eq!(configuration["grpc"], json!({"uid": 1}));
}

/// What a distribution puts before the program is not the program; a shell hides it.
#[test]
fn programs_before_the_program() {
    let machine = worker();
    let manifest = |words: &str| {
        format!(
            "kind: Pod\nspec:\n  containers:\n  - {{name: etcd, image: 'etcd:3.6.4@sha256:0', command: {words}}}\n"
        )
    };
    let path = "etc/kubernetes/manifests/etcd.manifest";
    machine.file(
        path,
        0o600,
        manifest("[/go-runner, --log-file=/x, /usr/local/bin/etcd, --data-dir=/d]"),
    );
    let facts = machine.value();
    let etcd = component(&facts, "etcd");
    assert_eq!(
        etcd["command"],
        json!(["/usr/local/bin/etcd", "--data-dir=/d"])
    );
    assert_eq!(etcd["version"], "3.6.4");
    assert_eq!(paths(&facts, "etcd-manifest"), [format!("/{path}")]);
    machine.file(path, 0o600, manifest("[sh, -c, 'etcd --data-dir=/d']"));
    let facts = machine.value();
    assert_eq!(
        component(&facts, "etcd")["unread"],
        "its manifest runs it through another program"
    );
}
