//! `plimsoll init`

use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;

use crate::arguments::InitArguments;
use crate::configuration::NAME;
use crate::exit::{Exit, Failure};
use crate::output;

/// What a new configuration says: the settings that most people want first, the others named.
const TEXT: &str = r#"# yaml-language-server: $schema=plimsoll.schema.json
# Settings of plimsoll. A flag of the command line wins over this file. `plimsoll schema` prints what can be set.

# The frameworks that are answered for; without any, all.
# framework: [pss-restricted, soc2]

# The version of the cluster: which defaults and rules count.
# kubernetes-version: "1.34"

# What breaks the build: a finding of this severity or above.
fail-on: high
# min-score: 60
# min-coverage: 20

# What people attest of requirements that no machine can tell, and the namespaces that hold regulated data.
# attestations: attestations.yaml
# regulated-namespaces: [payments]

# How Helm charts are rendered: with each of several sets of value files.
# charts:
#   - path: charts/web
#     values: [[prod.yaml], [dev.yaml]]

# What controls cannot know by themselves.
# parameters:
#   allowedRegistries: ["registry.example.com/"]
#   approvedAdministrators: ["Group/system:masters"]
"#;

pub(crate) fn run(arguments: &InitArguments) -> Result<Exit, Failure> {
    let folder = arguments
        .folder
        .clone()
        .unwrap_or_else(|| PathBuf::from("."));
    let path = folder.join(NAME);
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&path)
        .and_then(|mut file| file.write_all(TEXT.as_bytes()));
    let shown = path.display().to_string();
    match written {
        Ok(()) => {
            output::results(&format!("{shown} is written; plimsoll scan reads it\n"))?;
            Ok(Exit::Done)
        }
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Err(Failure::Usage(
            format!("{shown} is there already, and is left as it is"),
        )),
        Err(error) => Err(Failure::File { path: shown, error }),
    }
}
