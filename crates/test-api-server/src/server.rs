//! Starting, asking and ending an API server.

use std::io;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use crate::client::Client;
use crate::process::Processes;
use crate::programs::Programs;

/// How long the API server may take to be ready. It takes some three seconds on a machine with nothing else to do.
const READY_WITHIN: Duration = Duration::from_mins(2);

/// How often a start is tried: a free port can be taken by another program before the server has it.
const ATTEMPTS: u32 = 3;

/// A running API server; ends when dropped.
#[derive(Debug)]
pub struct ApiServer {
    processes: Processes,
    url: String,
    certificates: Vec<u8>,
    users: Vec<User>,
    programs: Programs,
}

/// What a test wants of its API server.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Users beside the administrator. What they may is for RBAC to say.
    pub users: Vec<User>,
    /// More arguments of `kube-apiserver`.
    pub arguments: Vec<String>,
}

/// A user with a bearer token.
#[derive(Debug, Clone)]
pub struct User {
    /// The name.
    pub name: String,
    /// Groups beside `system:authenticated`.
    pub groups: Vec<String>,
}

/// An API server that could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The programs are missing where they must be there.
    #[error(
        "CI is set, and etcd and kube-apiserver are neither in the folder that KUBEBUILDER_ASSETS names nor in the \
         cache: run tools/api-server/build"
    )]
    ProgramsMissing,
    /// A file, port or process.
    #[error("the API server could not be started: {0}")]
    System(#[from] io::Error),
    /// A program ended, or was not ready in time.
    #[error("{program} {what}; the end of its log:\n{log}")]
    NotReady {
        /// Which program.
        program: &'static str,
        /// What it did.
        what: &'static str,
        /// The last lines of its log.
        log: String,
    },
}

impl User {
    /// The administrator: in `system:masters`.
    pub fn administrator() -> User {
        User::new("admin", &["system:masters"])
    }

    /// A user of these groups.
    pub fn new(name: &str, groups: &[&str]) -> User {
        User {
            name: name.to_owned(),
            groups: groups.iter().map(|group| (*group).to_owned()).collect(),
        }
    }

    /// The bearer token.
    pub fn token(&self) -> String {
        format!("token-of-{}", self.name)
    }
}

impl ApiServer {
    /// Starts one and waits until it is ready. `None` where the programs are not there, which is said; where the
    /// variable `CI` is set, that is an error.
    ///
    /// # Errors
    /// The server did not come up; with the end of its log.
    pub fn start(settings: &Settings) -> Result<Option<ApiServer>, StartError> {
        let Some(programs) = Programs::find() else {
            if std::env::var_os("CI").is_some() {
                return Err(StartError::ProgramsMissing);
            }
            say_skipped();
            return Ok(None);
        };
        let mut attempt = 1;
        loop {
            match ApiServer::start_once(&programs, settings) {
                Ok(server) => return Ok(Some(server)),
                Err(StartError::NotReady { .. }) if attempt < ATTEMPTS => attempt += 1,
                Err(error) => return Err(error),
            }
        }
    }

    fn start_once(programs: &Programs, settings: &Settings) -> Result<ApiServer, StartError> {
        let mut processes = Processes::new(new_folder())?;
        let folder = processes.folder().to_owned();
        let (etcd_port, port) = free_ports()?;

        let etcd = format!("http://127.0.0.1:{etcd_port}");
        processes.start(
            "etcd",
            &programs.etcd(),
            &[
                format!("--data-dir={}", folder.join("etcd").display()),
                format!("--listen-client-urls={etcd}"),
                format!("--advertise-client-urls={etcd}"),
                "--listen-peer-urls=http://127.0.0.1:0".to_owned(),
                "--unsafe-no-fsync".to_owned(),
            ],
        )?;

        let mut users = vec![User::administrator()];
        users.extend(settings.users.iter().cloned());
        let tokens = folder.join("tokens.csv");
        std::fs::write(&tokens, token_file(&users))?;
        let certificates = folder.join("certificates");
        // The server makes a certificate for itself, and its key signs the tokens of service accounts as well.
        let key = certificates.join("apiserver.key");
        let mut arguments = vec![
            format!("--etcd-servers={etcd}"),
            "--bind-address=127.0.0.1".to_owned(),
            "--advertise-address=127.0.0.1".to_owned(),
            format!("--secure-port={port}"),
            format!("--cert-dir={}", certificates.display()),
            format!("--token-auth-file={}", tokens.display()),
            "--authorization-mode=Node,RBAC".to_owned(),
            "--service-cluster-ip-range=10.0.0.0/24".to_owned(),
            "--service-account-issuer=https://kubernetes.default.svc".to_owned(),
            format!("--service-account-signing-key-file={}", key.display()),
            format!("--service-account-key-file={}", key.display()),
            // Else the server refuses privileged containers itself.
            "--allow-privileged=true".to_owned(),
        ];
        arguments.extend(settings.arguments.iter().cloned());
        processes.start("kube-apiserver", &programs.api_server(), &arguments)?;

        let url = format!("https://127.0.0.1:{port}");
        let certificates =
            wait_until_ready(&mut processes, &url, &certificates.join("apiserver.crt"))?;
        let server = ApiServer {
            processes,
            url,
            certificates,
            users,
            programs: programs.clone(),
        };
        std::fs::write(
            server.kubeconfig(),
            server.kubeconfig_text(&User::administrator()),
        )?;
        Ok(server)
    }

    /// `https://127.0.0.1:PORT`
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The certificates to trust, as PEM.
    pub fn certificates(&self) -> &[u8] {
        &self.certificates
    }

    /// The administrator, and the users of the settings.
    pub fn users(&self) -> &[User] {
        &self.users
    }

    /// A client with all rights.
    pub fn client(&self) -> Client {
        self.client_of(&User::administrator())
    }

    /// A client that is this user.
    pub fn client_of(&self, user: &User) -> Client {
        Client::new(&self.url, &self.certificates, &user.token())
    }

    /// A kubeconfig file for the administrator.
    pub fn kubeconfig(&self) -> PathBuf {
        self.processes.folder().join("kubeconfig")
    }

    /// The text of a kubeconfig for a user.
    pub fn kubeconfig_text(&self, user: &User) -> String {
        let certificate = self.processes.folder().join("certificates/apiserver.crt");
        format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: test\n\
             clusters:\n- name: test\n  cluster:\n    server: {}\n    certificate-authority: {}\n\
             users:\n- name: {name}\n  user:\n    token: {}\n\
             contexts:\n- name: test\n  context:\n    cluster: test\n    user: {name}\n",
            self.url,
            certificate.display(),
            user.token(),
            name = user.name,
        )
    }

    /// The programs it runs.
    pub fn programs(&self) -> &Programs {
        &self.programs
    }

    /// The last lines of the API server's log.
    pub fn log(&self) -> String {
        self.processes.tail("kube-apiserver")
    }
}

/// A folder of one's own, not made yet.
fn new_folder() -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    std::env::temp_dir().join(format!(
        "plimsoll-api-server-{}-{count}",
        std::process::id()
    ))
}

/// Two ports that nothing listens on. Both are held until both are known, else they could be the same one.
fn free_ports() -> io::Result<(u16, u16)> {
    let (one, two) = (
        TcpListener::bind("127.0.0.1:0")?,
        TcpListener::bind("127.0.0.1:0")?,
    );
    Ok((one.local_addr()?.port(), two.local_addr()?.port()))
}

/// Lines of `token,name,uid,"group,group"`.
fn token_file(users: &[User]) -> String {
    let mut lines = String::new();
    for user in users {
        let (token, name, groups) = (user.token(), &user.name, user.groups.join(","));
        lines.push_str(&format!("{token},{name},{name},\"{groups}\"\n"));
    }
    lines
}

/// Waits, and gives the certificates that the server made.
fn wait_until_ready(
    processes: &mut Processes,
    url: &str,
    certificate: &Path,
) -> Result<Vec<u8>, StartError> {
    let started = Instant::now();
    loop {
        if let Some(program) = processes.ended() {
            let log = processes.tail(program);
            return Err(StartError::NotReady {
                program,
                what: "has ended",
                log,
            });
        }
        // The certificate is written when the server starts, and is not there or half there before.
        if let Ok(certificates) = std::fs::read(certificate)
            && certificates.ends_with(b"-----END CERTIFICATE-----\n")
        {
            let client = Client::new(url, &certificates, &User::administrator().token());
            if client
                .get("/readyz")
                .is_ok_and(|answer| answer.is_success())
                && is_populated(&client)
            {
                return Ok(certificates);
            }
        }
        if started.elapsed() > READY_WITHIN {
            let log = processes.tail("kube-apiserver");
            return Err(StartError::NotReady {
                program: "kube-apiserver",
                what: "was not ready in time",
                log,
            });
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Whether the namespace is there that tests make their objects in: the server makes it after it is ready.
fn is_populated(client: &Client) -> bool {
    client
        .get("/api/v1/namespaces/default")
        .is_ok_and(|answer| answer.is_success())
}

#[expect(clippy::print_stdout, reason = "a test that is skipped says so")]
fn say_skipped() {
    println!("skipped: etcd and kube-apiserver are not there; tools/api-server/build makes them");
}
