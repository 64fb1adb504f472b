use serde_json::json;

use super::*;
use crate::machine::Machine;
use crate::root::Root;

fn effective(files: &[(&str, &str)], command: &str) -> Result<Value, SettingsError> {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let root = Root::open(folder.path()).unwrap();
    let machine = Machine::look(&root, &mut Vec::new());
    let command: Vec<String> = command.split(' ').map(str::to_owned).collect();
    let files = machine.files_of_volumes(vec![("/".to_owned(), "/".to_owned())]);
    configuration(&Flags::of(&command), &files).map(Value::Object)
}

const HEAD: &str = "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n";

fn file(text: &str) -> String {
    format!("{HEAD}{text}")
}

#[test]
fn without_a_file_the_old_defaults_count() {
    let expected = json!({
        "authentication": {"anonymous": {"enabled": true}, "webhook": {"enabled": false}},
        "authorization": {"mode": "AlwaysAllow"},
        "readOnlyPort": 10255,
    });
    assert_eq!(effective(&[], "kubelet").unwrap(), expected);
}

#[test]
fn with_a_file_they_do_not() {
    let files = [("etc/kubelet.yaml", &*file("maxPods: 10"))];
    let settings = effective(&files, "kubelet --config=/etc/kubelet.yaml").unwrap();
    assert_eq!(settings["maxPods"], json!(10));
    assert_eq!(settings.get("authentication"), None);
    assert_eq!(settings.get("readOnlyPort"), None);
}

/// `mergeKubeletConfigurations`: a merge patch each, in lexical order, folders too; only `.conf`.
#[test]
fn drop_ins_in_their_order() {
    let files = [
        (
            "etc/kubelet.yaml",
            &*file("maxPods: 1\nclusterDNS: [10.0.0.1]\nreadOnlyPort: 10255"),
        ),
        (
            "etc/d/20-b.conf",
            &*file("maxPods: 20\nclusterDNS: [10.0.0.2]"),
        ),
        (
            "etc/d/10-a.conf",
            &*file("maxPods: 10\npodsPerCore: 3\nreadOnlyPort: null"),
        ),
        (
            "etc/d/15/x.conf",
            &*file("podsPerCore: 4\nauthentication: {x509: {clientCAFile: /ca}}"),
        ),
        ("etc/d/30-c.yaml", &*file("maxPods: 30")),
    ];
    let command = "kubelet --config=/etc/kubelet.yaml --config-dir=/etc/d";
    let settings = effective(&files, command).unwrap();
    assert_eq!(settings["maxPods"], json!(20));
    assert_eq!(settings["clusterDNS"], json!(["10.0.0.2"]));
    assert_eq!(settings["podsPerCore"], json!(4));
    assert_eq!(settings.get("readOnlyPort"), None);
    let path = "/authentication/x509/clientCAFile";
    assert_eq!(settings.pointer(path), Some(&json!("/ca")));
}

/// A folder made by a ConfigMap: `filepath.WalkDir` enters the folder itself and follows no link to one.
#[test]
fn links_among_drop_ins() {
    let folder = tempfile::tempdir().unwrap();
    let real = folder.path().join("d/..2026");
    std::fs::create_dir_all(&real).unwrap();
    std::fs::write(real.join("a.conf"), file("maxPods: 1")).unwrap();
    std::os::unix::fs::symlink("..2026", folder.path().join("d/..data")).unwrap();
    std::os::unix::fs::symlink("..data/a.conf", folder.path().join("d/a.conf")).unwrap();
    let root = Root::open(folder.path()).unwrap();
    let machine = Machine::look(&root, &mut Vec::new());
    let files = machine.files_of_volumes(vec![("/".to_owned(), "/".to_owned())]);
    let found = drop_ins(&files, "/d").unwrap();
    assert_eq!(found, ["/d/..2026/a.conf", "/d/a.conf"]);
}

/// The kubelet starts from the old defaults also where there are drop-ins and no file.
#[test]
fn drop_ins_alone_lie_over_the_old_defaults() {
    let files = [("etc/d/a.conf", &*file("readOnlyPort: 0"))];
    let settings = effective(&files, "kubelet --config-dir /etc/d").unwrap();
    assert_eq!(settings["readOnlyPort"], json!(0));
    assert_eq!(settings["authorization"]["mode"], json!("AlwaysAllow"));
}

#[test]
fn flags_beat_drop_ins_and_file() {
    let files = [
        (
            "etc/kubelet.yaml",
            &*file(
                "authentication: {anonymous: {enabled: false}, webhook: {enabled: true}}\nfeatureGates: {A: true, B: true}\ntlsCipherSuites: [X]",
            ),
        ),
        (
            "etc/d/a.conf",
            &*file("authentication: {anonymous: {enabled: false}}"),
        ),
    ];
    let command = "kubelet --config=/etc/kubelet.yaml --config-dir=/etc/d --anonymous-auth --feature_gates=B=false,C=true \
                   --tls-cipher-suites=Y,Z --read-only-port=0 --event-qps=5 --eviction-hard=memory.available<1Gi,nodefs.available<5%";
    let settings = effective(&files, command).unwrap();
    let expected = json!({"anonymous": {"enabled": true}, "webhook": {"enabled": true}});
    assert_eq!(settings["authentication"], expected);
    // Gates of the file stay where no flag sets them.
    assert_eq!(
        settings["featureGates"],
        json!({"A": true, "B": false, "C": true})
    );
    assert_eq!(settings["tlsCipherSuites"], json!(["Y", "Z"]));
    assert_eq!(
        (&settings["readOnlyPort"], &settings["eventRecordQPS"]),
        (&json!(0), &json!(5))
    );
    let hard = json!({"memory.available": "1Gi", "nodefs.available": "5%"});
    assert_eq!(settings["evictionHard"], hard);
}

#[test]
fn what_the_kubelet_would_refuse_is_not_read() {
    let refused =
        |files: &[(&str, &str)], command| effective(files, command).unwrap_err().to_string();
    let missing = refused(&[], "kubelet --config=/etc/kubelet.yaml");
    assert_eq!(missing, "/etc/kubelet.yaml: there is no such file");
    let other = refused(&[("k", "kind: Pod")], "kubelet --config=/k");
    assert_eq!(other, "/k: it is no KubeletConfiguration");
    let broken = refused(&[("k", "a: [")], "kubelet --config=/k");
    assert!(broken.starts_with("/k: 1:"), "{broken}");
    let relative = refused(&[("k", "a: b")], "kubelet --config=k");
    assert_eq!(
        relative,
        "k: the path is relative to a folder that is not known"
    );
    let files = [("k", HEAD), ("d/a.conf", "maxPods: 1")];
    let drop_in = refused(&files, "kubelet --config=/k --config-dir=/d");
    assert_eq!(drop_in, "/d/a.conf: it is no KubeletConfiguration");
}
