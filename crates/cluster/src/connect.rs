//! From a kubeconfig, or what a Pod is given, to a client.

use std::time::Duration;

use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};

use crate::error::{ClusterError, chain};
use crate::options::ClusterOptions;

/// A client, and what its cluster is called.
pub(crate) struct Connected {
    pub(crate) client: Client,
    /// The context, or the host of the server where there is none.
    pub(crate) location: String,
}

/// Makes a client. Nothing is sent yet, but a program that the kubeconfig names for credentials may run.
pub(crate) async fn connect(options: &ClusterOptions) -> Result<Connected, ClusterError> {
    let (config, location) = configuration(options).await?;
    let wait = options.bounds.request;
    // A program for credentials may hang; it must not hold up more than itself.
    let made = tokio::task::spawn_blocking(move || Client::try_from(config));
    let client = match tokio::time::timeout(wait, made).await {
        Ok(Ok(Ok(client))) => client,
        Ok(Ok(Err(error))) => return Err(ClusterError::Unreachable(credentials(&error))),
        Ok(Err(error)) => return Err(ClusterError::Unreachable(error.to_string())),
        Err(_) => {
            let text = format!(
                "the credentials for {location} were not there within {} s",
                wait.as_secs()
            );
            return Err(ClusterError::Unreachable(text));
        }
    };
    Ok(Connected { client, location })
}

fn credentials(error: &kube::Error) -> String {
    format!("there are no credentials for the cluster: {}", chain(error))
}

async fn configuration(options: &ClusterOptions) -> Result<(Config, String), ClusterError> {
    let refused = |error: &kube::config::KubeconfigError| {
        ClusterError::Configuration(format!("the kubeconfig cannot be used: {}", chain(error)))
    };
    let kubeconfig = match &options.kubeconfig {
        Some(path) => Some(Kubeconfig::read_from(path).map_err(|error| refused(&error))?),
        None if is_kubeconfig_there() => Some(Kubeconfig::read().map_err(|error| refused(&error))?),
        None => None,
    };
    let (mut config, location) = match kubeconfig {
        Some(kubeconfig) => {
            let context = options
                .context
                .clone()
                .or_else(|| kubeconfig.current_context.clone());
            let asked = KubeConfigOptions {
                context: options.context.clone(),
                ..KubeConfigOptions::default()
            };
            let config = Config::from_custom_kubeconfig(kubeconfig, &asked)
                .await
                .map_err(|error| refused(&error))?;
            let location = context.filter(|name| !name.is_empty());
            (config, location)
        }
        None if options.context.is_some() => {
            let text = "--context names a context of a kubeconfig, and there is none";
            return Err(ClusterError::Configuration(text.to_owned()));
        }
        None => match Config::incluster() {
            Ok(config) => (config, None),
            Err(error) => {
                let text = format!(
                    "there is no cluster to scan: no kubeconfig in KUBECONFIG or ~/.kube/config, and this is no Pod ({})",
                    chain(&error)
                );
                return Err(ClusterError::Configuration(text));
            }
        },
    };
    // Retries are this crate's own: it knows what may be asked again, and for how long.
    config.default_retry = false;
    config.connect_timeout = Some(options.bounds.request.min(Duration::from_secs(10)));
    let location = location.unwrap_or_else(|| match config.cluster_url.host() {
        Some(host) => host.to_owned(),
        None => config.cluster_url.to_string(),
    });
    Ok((config, location))
}

/// Whether there is a kubeconfig where `kubectl` looks for one.
fn is_kubeconfig_there() -> bool {
    if let Some(list) = std::env::var_os("KUBECONFIG").filter(|list| !list.is_empty()) {
        // kubectl takes the files of the list that exist. A list without any is a mistake, and said to be one.
        return std::env::split_paths(&list).next().is_some();
    }
    std::env::home_dir().is_some_and(|home| home.join(".kube").join("config").is_file())
}
