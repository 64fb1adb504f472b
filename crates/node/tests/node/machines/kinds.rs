//! The machines that most clusters are made of.

use super::Machine;

const AUTHORITY: &[u8] = include_bytes!("../../certificates/authority.crt");
const CLIENT: &[u8] = include_bytes!("../../certificates/administrator.crt");

/// What must never be in facts: it stands in keys, tokens and flags of the machines.
pub(crate) const SECRETS: [&str; 7] = [
    "c2VjcmV0IGtleSBvZiBldGNk",
    "s3cr3t-t0ken",
    "PRIVATE KEY",
    "$6$x$abcdef",
    "hunter2",
    "AKIAIOSFODNN7EXAMPLE",
    "cGFzczp3b3Jk",
];

const KUBELET: &str = "apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication:
  anonymous: {enabled: false}
  webhook: {enabled: true, cacheTTL: 0s}
  x509: {clientCAFile: /etc/kubernetes/pki/ca.crt}
authorization: {mode: Webhook}
containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
rotateCertificates: true
staticPodPath: /etc/kubernetes/manifests
";

/// A static Pod as kubeadm writes one.
fn static_pod(name: &str, version: &str, command: &[&str]) -> String {
    let mut lines = String::new();
    for word in command {
        lines.push_str(&format!("    - {word}\n"));
    }
    format!(
        "apiVersion: v1
kind: Pod
metadata:
  name: {name}
  namespace: kube-system
spec:
  hostNetwork: true
  containers:
  - name: {name}
    image: registry.k8s.io/{name}:{version}
    command:
{lines}    volumeMounts:
    - {{mountPath: /etc/kubernetes/pki, name: k8s-certs, readOnly: true}}
  volumes:
  - {{name: k8s-certs, hostPath: {{path: /etc/kubernetes/pki, type: DirectoryOrCreate}}}}
"
    )
}

/// What every node of kubeadm has.
fn kubeadm_node(machine: &Machine) {
    machine.process(
        700,
        &[
            "/usr/bin/kubelet",
            "--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf",
            "--kubeconfig=/etc/kubernetes/kubelet.conf",
            "--config=/var/lib/kubelet/config.yaml",
        ],
    );
    machine.process(500, &["/usr/bin/containerd"]);
    machine.file("var/lib/kubelet/config.yaml", 0o644, KUBELET);
    machine.file(
        "etc/kubernetes/kubelet.conf",
        0o600,
        "token: s3cr3t-t0ken\n",
    );
    machine.file("etc/kubernetes/pki/ca.crt", 0o644, AUTHORITY);
    machine.file("var/lib/kubelet/pki/kubelet.crt", 0o644, CLIENT);
    machine.file(
        "var/lib/kubelet/pki/kubelet.key",
        0o600,
        "-----BEGIN PRIVATE KEY-----",
    );
    machine.file(
        "var/lib/kubelet/pki/kubelet-client-1.pem",
        0o600,
        "-----BEGIN PRIVATE KEY-----",
    );
    machine.link(
        "var/lib/kubelet/pki/kubelet-client-current.pem",
        "/var/lib/kubelet/pki/kubelet-client-1.pem",
    );
    machine.file(
        "usr/lib/systemd/system/kubelet.service",
        0o644,
        "[Service]\n",
    );
    machine.file(
        "usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf",
        0o644,
        "[Service]\n",
    );
    machine.link("lib", "usr/lib");
    let containerd = "version = 3\n[plugins.'io.containerd.cri.v1.images'.registry]\nconfig_path = '/etc/containerd/certs.d'\n\
                      [plugins.'io.containerd.grpc.v1.cri'.registry.configs.'r.example.com'.auth]\npassword = 'hunter2'\n";
    machine.file("etc/containerd/config.toml", 0o644, containerd);
    let hosts =
        "server = 'http://r.example.com'\n[host.'http://r.example.com']\nskip_verify = true\n";
    machine.file(
        "etc/containerd/certs.d/r.example.com/hosts.toml",
        0o644,
        hosts,
    );
    machine.file(
        "etc/cni/net.d/10-calico.conflist",
        0o600,
        "{\"token\": \"s3cr3t-t0ken\"}",
    );
    // kube-proxy reads its ConfigMap, which the kubelet keeps on the host.
    let volume = "/var/lib/kubelet/pods/1/volumes/kubernetes.io~configmap/kube-proxy";
    machine.container(
        800,
        &[
            "/usr/local/bin/kube-proxy",
            "--config=/var/lib/kube-proxy/config.conf",
            "--hostname-override=node-1",
        ],
        &[(volume, "/var/lib/kube-proxy")],
    );
    let proxy = "apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\nmode: ''\n\
                 metricsBindAddress: ''\nclientConnection: {kubeconfig: /var/lib/kube-proxy/kubeconfig.conf}\n";
    let volume = &volume[1..];
    machine.file(&format!("{volume}/..2026/config.conf"), 0o644, proxy);
    machine.file(
        &format!("{volume}/..2026/kubeconfig.conf"),
        0o644,
        "kind: Config\n",
    );
    machine.link(&format!("{volume}/..data"), "..2026");
    machine.link(&format!("{volume}/config.conf"), "..data/config.conf");
    machine.link(
        &format!("{volume}/kubeconfig.conf"),
        "..data/kubeconfig.conf",
    );
    machine.file(
        "etc/ssh/sshd_config",
        0o644,
        "PermitRootLogin prohibit-password\n",
    );
    machine.process(
        600,
        &["sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups"],
    );
    machine.process(601, &["/usr/lib/systemd/systemd-timesyncd"]);
}

/// A worker as kubeadm makes one.
pub(crate) fn worker() -> Machine {
    let machine = Machine::new("worker-1");
    kubeadm_node(&machine);
    machine.file("var/run/reboot-required", 0o644, "");
    machine.file(
        "proc/swaps",
        0o444,
        "Filename\tType\tSize\tUsed\tPriority\n/dev/sda2 partition 1048572 0 -2\n",
    );
    let tcp = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n   \
               0: 00000000:280A 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 100 1\n   \
               1: 0100007F:2808 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 101 1\n   \
               2: 0100007F:9999 0100007F:280A 01 00000000:00000000 00:00000000 00000000     0        0 102 1\n";
    machine.file("proc/1/net/tcp", 0o444, tcp);
    machine.directory("proc/700/fd", 0o700);
    machine.link("proc/700/fd/3", "socket:[100]");
    machine.link("proc/700/fd/4", "/dev/null");
    machine
}

/// A control plane as kubeadm makes one.
pub(crate) fn kubeadm_control_plane() -> Machine {
    let machine = Machine::new("control-1");
    kubeadm_node(&machine);
    let api_server = [
        "kube-apiserver",
        "--authorization-mode=Node,RBAC",
        "--client-ca-file=/etc/kubernetes/pki/ca.crt",
    ];
    let manager = [
        "kube-controller-manager",
        "--kubeconfig=/etc/kubernetes/controller-manager.conf",
    ];
    let scheduler = [
        "kube-scheduler",
        "--kubeconfig=/etc/kubernetes/scheduler.conf",
    ];
    let etcd = [
        "etcd",
        "--data-dir=/var/lib/etcd",
        "--client-cert-auth=true",
    ];
    for (id, name, version, command) in [
        (1000, "kube-apiserver", "v1.34.1", &api_server[..]),
        (1001, "kube-controller-manager", "v1.34.1", &manager),
        (1002, "kube-scheduler", "v1.34.1", &scheduler),
        (1003, "etcd", "3.6.4-0", &etcd),
    ] {
        let manifest = static_pod(name, version, command);
        machine.file(
            &format!("etc/kubernetes/manifests/{name}.yaml"),
            0o600,
            manifest,
        );
        let host = ["/etc/kubernetes", "/var/lib/etcd"].map(|folder| (folder, folder));
        machine.container(id, command, &host);
    }
    for name in ["admin", "super-admin", "controller-manager", "scheduler"] {
        machine.file(
            &format!("etc/kubernetes/{name}.conf"),
            0o600,
            "token: s3cr3t-t0ken\n",
        );
    }
    machine.directory("var/lib/etcd", 0o700);
    machine.file(
        "etc/kubernetes/pki/ca.key",
        0o600,
        "-----BEGIN RSA PRIVATE KEY-----",
    );
    machine.file("etc/kubernetes/pki/etcd/server.crt", 0o644, CLIENT);
    machine.file("etc/kubernetes/pki/sa.pub", 0o644, "");
    machine
}

/// A control plane by the book, and with everything that can be configured.
pub(crate) fn hardened_control_plane() -> Machine {
    let machine = kubeadm_control_plane();
    let api_server = [
        "kube-apiserver",
        "--profiling=false",
        "--audit-policy-file=/etc/kubernetes/audit/policy.yaml",
        "--audit-log-path=/var/log/kubernetes/audit.log",
        "--encryption-provider-config=/etc/kubernetes/enc.yaml",
        "--admission-control-config-file=/etc/kubernetes/admission.yaml",
        "--authentication-config=/etc/kubernetes/authentication.yaml",
        "--authorization-config=/etc/kubernetes/authorization.yaml",
        "--etcd-servers=https://root:hunter2@127.0.0.1:2379",
    ];
    let mounts = [
        ("/etc/kubernetes", "/etc/kubernetes"),
        ("/var/log/kubernetes", "/var/log/kubernetes"),
    ];
    machine.container(1000, &api_server, &mounts);
    machine.file("var/log/kubernetes/audit.log", 0o600, "s3cr3t-t0ken");
    let policy = "apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules:\n- level: Metadata\n  \
                  resources: [{group: '', resources: [secrets, configmaps]}]\n";
    machine.file("etc/kubernetes/audit/policy.yaml", 0o600, policy);
    let encryption = "apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\nresources:\n- resources: [secrets]\n  \
                      providers:\n  - aescbc: {keys: [{name: key1, secret: c2VjcmV0IGtleSBvZiBldGNk}]}\n  - identity: {}\n";
    machine.file("etc/kubernetes/enc.yaml", 0o600, encryption);
    let admission = "apiVersion: apiserver.config.k8s.io/v1\nkind: AdmissionConfiguration\nplugins:\n\
                     - {name: EventRateLimit, path: rates.yaml}\n- {name: ImagePolicyWebhook, path: /nowhere.yaml}\n";
    machine.file("etc/kubernetes/admission.yaml", 0o600, admission);
    let rates = "kind: Configuration\nlimits: [{type: Server, qps: 50, burst: 100}]\n";
    machine.file("etc/kubernetes/rates.yaml", 0o600, rates);
    let authentication = "kind: AuthenticationConfiguration\nanonymous: {enabled: false}\n";
    machine.file("etc/kubernetes/authentication.yaml", 0o600, authentication);
    let authorization = "kind: AuthorizationConfiguration\nauthorizers: [{type: Node, name: node}, {type: RBAC, name: rbac}]\n";
    machine.file("etc/kubernetes/authorization.yaml", 0o600, authorization);
    // The kubelet with a drop-in and a flag over it.
    machine.process(
        700,
        &[
            "/usr/bin/kubelet",
            "--kubeconfig=/etc/kubernetes/kubelet.conf",
            "--config=/var/lib/kubelet/config.yaml",
            "--config-dir=/etc/kubernetes/kubelet.conf.d",
            "--protect-kernel-defaults=true",
            "--hostname-override=control-1.example.com",
        ],
    );
    let drop_in = "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nprotectKernelDefaults: false\nseccompDefault: true\n";
    machine.file("etc/kubernetes/kubelet.conf.d/10-hard.conf", 0o600, drop_in);
    for (path, text) in [
        ("proc/sys/kernel/panic", "10\n"),
        ("proc/sys/kernel/panic_on_oops", "1\n"),
        ("proc/sys/vm/overcommit_memory", "1\n"),
        ("proc/sys/net/ipv4/ip_forward", "1\n"),
        (
            "sys/kernel/security/lsm",
            "lockdown,capability,landlock,yama,apparmor",
        ),
        (
            "sys/kernel/security/lockdown",
            "none [integrity] confidentiality\n",
        ),
        ("sys/module/apparmor/parameters/enabled", "Y\n"),
        (
            "sys/kernel/security/apparmor/profiles",
            "cri-containerd.apparmor.d (enforce)\n/usr/sbin/x (complain)\n",
        ),
    ] {
        machine.file(path, 0o444, text);
    }
    machine.file(
        "sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c",
        0o444,
        [6, 0, 0, 0, 1],
    );
    let ssh = "Include /etc/ssh/sshd_config.d/*.conf\nPermitRootLogin yes\nAllowUsers a\nAllowUsers b\n\
               Match User backup\n  PasswordAuthentication yes\nMatch all\nX11Forwarding no # none\n";
    machine.file("etc/ssh/sshd_config", 0o600, ssh);
    machine.file(
        "etc/ssh/sshd_config.d/10-hard.conf",
        0o600,
        "permitrootlogin no\nPasswordAuthentication=no\n",
    );
    machine.process(602, &["/usr/sbin/chronyd"]);
    machine.file("etc/chrony/chrony.conf", 0o644, "");
    machine.process(603, &["/sbin/auditd"]);
    machine.file(
        "etc/audit/rules.d/k8s.rules",
        0o640,
        "# rules\n-w /etc/kubernetes -p wa\n-a always,exit -S all\n-D\n",
    );
    machine.process(
        604,
        &[
            "/usr/bin/falco",
            "--token",
            "s3cr3t-t0ken",
            "key=AKIAIOSFODNN7EXAMPLE",
        ],
    );
    machine.file("etc/cron.daily/aide", 0o755, "");
    // Everything on one encrypted volume.
    machine.mounts(
        1,
        &[
            ("8:1", "/", "/", "ext4", "/dev/sda1"),
            ("254:0", "/", "/var/lib/etcd", "ext4", "/dev/mapper/data"),
        ],
    );
    machine.file("sys/dev/block/254:0/dm/uuid", 0o444, "LVM-abc\n");
    machine.file(
        "sys/dev/block/254:0/slaves/dm-1/dm/uuid",
        0o444,
        "CRYPT-LUKS2-abc\n",
    );
    machine.directory("sys/dev/block/8:1", 0o755);
    machine.directory("var/lib/kubelet", 0o700);
    machine.file("var/lib/update-notifier/updates-available", 0o644, "\n12 updates can be applied immediately.\n3 of these updates are standard security updates.\n");
    machine
}

/// A server of k3s: its components are one process.
pub(crate) fn k3s() -> Machine {
    let machine = Machine::new("k3s-1");
    machine.process(300, &["/usr/local/bin/k3s", "server"]);
    let configuration = "/var/lib/rancher/k3s/agent/etc/containerd/config.toml";
    machine.process(310, &["containerd", "-c", configuration]);
    machine.file(
        &configuration[1..],
        0o600,
        "version = 3\n[grpc]\naddress = '/run/k3s/containerd/containerd.sock'\n",
    );
    machine.file("etc/rancher/k3s/k3s.yaml", 0o600, "token: s3cr3t-t0ken\n");
    machine.file("etc/systemd/system/k3s.service", 0o644, "");
    machine.file(
        "var/lib/rancher/k3s/server/tls/server-ca.crt",
        0o644,
        AUTHORITY,
    );
    machine.file(
        "var/lib/rancher/k3s/server/tls/server-ca.key",
        0o600,
        "-----BEGIN EC PRIVATE KEY-----",
    );
    machine.file("var/lib/rancher/k3s/agent/kubelet.kubeconfig", 0o600, "");
    machine.directory("var/lib/rancher/k3s/server/db/etcd", 0o700);
    machine
}
