//! The API server comes up, knows who asks, holds to RBAC, judges admission, and leaves nothing behind.

use std::path::Path;
use std::time::{Duration, Instant};

use plimsoll_test_api_server::{ApiServer, Settings, User};
use serde_json::json;

#[test]
fn a_server_answers_and_is_gone_afterwards() {
    let nobody = User::new("nobody", &["testers"]);
    let settings = Settings {
        users: vec![nobody.clone()],
        ..Settings::default()
    };
    let Some(server) = ApiServer::start(&settings).unwrap() else {
        return;
    };
    let admin = server.client();

    let version = admin.get("/version").unwrap();
    assert_eq!(version.body["major"], "1", "{version:?}");
    assert!(
        version.body["gitVersion"]
            .as_str()
            .unwrap()
            .starts_with("v1.")
    );

    // RBAC holds for others than the administrator.
    let pods = "/api/v1/namespaces/default/pods";
    assert!(admin.get(pods).unwrap().is_success());
    assert_eq!(server.client_of(&nobody).get(pods).unwrap().status, 403);

    // Privileged containers are for admission policies to refuse, not for the server's own validation.
    let pod = json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"},
        "spec": {"containers": [{"name": "a", "image": "a", "securityContext": {"privileged": true}}]},
    });
    let create = format!("{pods}?dryRun=All");
    let refused = admin.post(&create, &pod).unwrap();
    assert_eq!(
        refused.status, 403,
        "the service account of the namespace is missing: {refused:?}"
    );
    let account =
        json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default"}});
    let made = admin
        .post("/api/v1/namespaces/default/serviceaccounts", &account)
        .unwrap();
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(admin.post(&create, &pod).unwrap().status, 201);

    // Admission policies are on.
    let policy = json!({
        "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": "none"},
        "spec": {
            "matchConstraints": {"resourceRules": [{
                "apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"],
            }]},
            "validations": [{"expression": "false", "message": "no Pods here"}],
        },
    });
    let binding = json!({
        "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": "none"},
        "spec": {"policyName": "none", "validationActions": ["Warn"]},
    });
    let policies = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies";
    assert_eq!(admin.post(policies, &policy).unwrap().status, 201);
    let bindings = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings";
    assert_eq!(admin.post(bindings, &binding).unwrap().status, 201);
    let started = Instant::now();
    loop {
        // The server reads its policies once a second.
        let answer = admin.post(&create, &pod).unwrap();
        if answer
            .warnings
            .iter()
            .any(|warning| warning.ends_with(": no Pods here"))
        {
            break;
        }
        assert!(started.elapsed() < Duration::from_secs(30), "{answer:?}");
        std::thread::sleep(Duration::from_millis(100));
    }

    let folder = server.kubeconfig().parent().unwrap().to_owned();
    let url = server.url().to_owned();
    assert!(folder.is_dir());
    drop(server);
    assert!(!folder.exists());
    assert!(std::net::TcpStream::connect(url.trim_start_matches("https://")).is_err());
}

/// The second half of the test below: runs in a process of its own, which kills itself.
#[test]
fn a_test_that_is_killed() {
    let Some(told) = std::env::var_os("PLIMSOLL_TEST_TELL") else {
        return;
    };
    let server = ApiServer::start(&Settings::default()).unwrap().unwrap();
    let folder = server.kubeconfig().parent().unwrap().to_owned();
    std::fs::write(told, format!("{}\n{}", server.url(), folder.display())).unwrap();
    // No destructor runs.
    std::process::abort();
}

#[test]
fn a_server_ends_with_a_test_that_is_killed() {
    if plimsoll_test_api_server::Programs::find().is_none() {
        return;
    }
    let told = std::env::temp_dir().join(format!("plimsoll-tell-{}", std::process::id()));
    let status = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_test_that_is_killed"])
        .env("PLIMSOLL_TEST_TELL", &told)
        .output()
        .unwrap()
        .status;
    assert!(!status.success());
    let text = std::fs::read_to_string(&told).unwrap();
    std::fs::remove_file(&told).unwrap();
    let (url, folder) = text.split_once('\n').unwrap();
    let started = Instant::now();
    while std::net::TcpStream::connect(url.trim_start_matches("https://")).is_ok()
        || Path::new(folder).exists()
    {
        assert!(
            started.elapsed() < Duration::from_secs(20),
            "the server of a killed test still runs"
        );
        std::thread::sleep(Duration::from_millis(100));
    }
}
