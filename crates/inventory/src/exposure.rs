//! How workloads are reached from outside of the cluster.

use foldhash::HashMap;

use plimsoll_document::Node;

use crate::index::{Index, namespace_or_default};
use crate::object::{Object, ObjectId};
use crate::selection::Selection;

/// Services by what routes to them.
#[derive(Debug, Default)]
pub(crate) struct Exposure {
    /// By Service: Ingresses and routes of a Gateway that send to it.
    routes: HashMap<ObjectId, Vec<ObjectId>>,
}

/// Kinds whose rules have `backendRefs`.
const ROUTES: &[&str] = &["HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute"];

impl Exposure {
    pub(crate) fn new(objects: &[Object], index: &Index) -> Exposure {
        let mut exposure = Exposure::default();
        for kind in ["Ingress"].iter().chain(ROUTES) {
            for id in index.all(kind) {
                if !is_of_a_gateway(&objects[id.0 as usize]) {
                    continue;
                }
                for (namespace, name) in backends(&objects[id.0 as usize]) {
                    let Some(service) = index.find("Service", &namespace, name, objects) else {
                        continue;
                    };
                    let routes = exposure.routes.entry(service).or_default();
                    if routes.last() != Some(id) {
                        routes.push(*id);
                    }
                }
            }
        }
        exposure
    }

    /// What makes a Service reachable from outside: itself by its type or external addresses, Ingresses, routes.
    pub(crate) fn of_service(&self, id: ObjectId, objects: &[Object]) -> Vec<ObjectId> {
        let mut found = Vec::new();
        if is_external(&objects[id.0 as usize]) {
            found.push(id);
        }
        found.extend(self.routes.get(&id).into_iter().flatten());
        found
    }

    /// What makes a workload reachable from outside.
    pub(crate) fn of_workload(
        &self,
        workload: &Object,
        objects: &[Object],
        selection: &Selection,
    ) -> Vec<ObjectId> {
        selection
            .selecting(objects, workload, "Service")
            .into_iter()
            .flat_map(|service| self.of_service(service, objects))
            .collect()
    }
}

/// Whether a route is one of a Gateway, and not of a mesh (Gateway API: `ParentReference.kind`, default Gateway). An
/// Ingress always leads in.
fn is_of_a_gateway(route: &Object) -> bool {
    route.kind() == "Ingress"
        || route
            .root()
            .get_name("spec")
            .into_iter()
            .flat_map(|spec| children(spec, "parentRefs"))
            .any(|parent| {
                let kind = parent.get_name("kind").and_then(Node::as_str);
                kind.is_none_or(|kind| kind == "Gateway")
            })
}

/// Whether a Service is reachable from outside by itself (K8s API: `ServiceSpec.type`, `externalIPs`).
pub(crate) fn is_external(service: &Object) -> bool {
    let spec = service.root().get_name("spec");
    let field = |name: &str| spec.and_then(|spec| spec.get_name(name));
    matches!(
        field("type").and_then(Node::as_str),
        Some("LoadBalancer" | "NodePort")
    ) || field("externalIPs").is_some_and(|addresses| !addresses.is_empty())
}

/// The Services that an Ingress or route sends to: namespace and name.
pub(crate) fn backends(object: &Object) -> Vec<(String, &str)> {
    let own = namespace_or_default(object.namespace());
    let Some(spec) = object.root().get_name("spec") else {
        return Vec::new();
    };
    let rules = || children(spec, "rules");
    if object.kind() == "Ingress" {
        return ["defaultBackend", "backend"]
            .into_iter()
            .filter_map(|key| spec.get_name(key))
            .chain(
                rules()
                    .filter_map(|rule| rule.get_name("http"))
                    .flat_map(|http| children(http, "paths"))
                    .filter_map(|path| path.get_name("backend")),
            )
            .filter_map(ingress_backend)
            .map(|name| (own.to_owned(), name))
            .collect();
    }
    rules()
        .flat_map(|rule| children(rule, "backendRefs"))
        .filter(|backend| {
            let kind = backend.get_name("kind").and_then(Node::as_str);
            kind.is_none_or(|kind| kind == "Service")
        })
        .filter_map(|backend| {
            let namespace = backend.get_name("namespace").and_then(Node::as_str);
            let name = backend.get_name("name").and_then(Node::as_str)?;
            Some((namespace.unwrap_or(own).to_owned(), name))
        })
        .collect()
}

/// The Service of a backend; `serviceName` is how the versions before v1 wrote it.
fn ingress_backend(backend: Node<'_>) -> Option<&str> {
    backend
        .get_name("service")
        .and_then(|service| service.get_name("name"))
        .or_else(|| backend.get_name("serviceName"))
        .and_then(Node::as_str)
}

fn children<'n>(node: Node<'n>, key: &str) -> impl Iterator<Item = Node<'n>> + use<'n> {
    node.get_name(key).into_iter().flat_map(Node::children)
}
