//! Services of the host: the clock, the audit daemon, and what watches over files.

use crate::facts::{HostAudit, IntegrityMonitoring, TimeSynchronisation, Unread};
use crate::machine::Machine;
use crate::root::Root;

/// Programs that keep the clock right.
const CLOCKS: [&str; 6] = [
    "chronyd",
    "ntpd",
    "systemd-timesyncd",
    "openntpd",
    "ptp4l",
    "phc2sys",
];

/// Programs that watch over files while they run, and the product each is of.
const WATCHERS: [(&str, &str); 8] = [
    ("falco", "falco"),
    ("wazuh-agentd", "wazuh-agent"),
    ("wazuh-syscheckd", "wazuh-agent"),
    ("osqueryd", "osquery"),
    ("auditbeat", "auditbeat"),
    ("ossec-syscheckd", "ossec"),
    ("ossec-agentd", "ossec"),
    ("tripwire", "tripwire"),
];

/// Programs that look at files from time to time, when a scheduler runs them.
const CHECKERS: [&str; 2] = ["aide", "tripwire"];

/// Folders whose entries are run at their times, and those of timers that are on.
const SCHEDULES: [&str; 7] = [
    "/etc/cron.d",
    "/etc/cron.hourly",
    "/etc/cron.daily",
    "/etc/cron.weekly",
    "/var/spool/cron",
    "/var/spool/cron/crontabs",
    "/etc/systemd/system/timers.target.wants",
];

/// The services that keep the clock right.
pub(crate) fn time_synchronisation(
    machine: &Machine<'_>,
    unread: &mut Vec<Unread>,
) -> Option<TimeSynchronisation> {
    if !machine.sees_processes {
        unread.push(unseen("timeSynchronisation"));
        return None;
    }
    let running = CLOCKS.iter().filter(|program| machine.runs(program));
    Some(TimeSynchronisation {
        services: running.map(ToString::to_string).collect(),
    })
}

fn unseen(part: &str) -> Unread {
    Unread::new(part, "the processes of the node cannot be seen")
}

/// The audit daemon. What the kernel has loaded could be asked of the kernel only, so the rules are those of its files.
pub(crate) fn host_audit(machine: &Machine<'_>, unread: &mut Vec<Unread>) -> Option<HostAudit> {
    if !machine.sees_processes {
        unread.push(unseen("hostAudit"));
        return None;
    }
    Some(HostAudit {
        running: machine.runs("auditd"),
        rules: audit_rules(machine.root),
    })
}

/// How many rules the compiled file has, or where there is none, those it is made of.
fn audit_rules(root: &Root) -> Option<usize> {
    let count = |text: &str| {
        let lines = text.lines().map(str::trim_start);
        lines
            .filter(|line| {
                line.starts_with("-a ") || line.starts_with("-A ") || line.starts_with("-w ")
            })
            .count()
    };
    if let Ok(text) = root.read_text("/etc/audit/audit.rules") {
        return Some(count(&text));
    }
    let folder = "/etc/audit/rules.d";
    let files = root
        .names(folder)
        .into_iter()
        .filter(|name| name.ends_with(".rules"));
    let counts: Vec<usize> = files
        .filter_map(|name| root.read_text(&format!("{folder}/{name}")).ok())
        .map(|text| count(&text))
        .collect();
    (!counts.is_empty()).then(|| counts.iter().sum())
}

/// Programs that watch over files, running or scheduled.
pub(crate) fn integrity_monitoring(
    machine: &Machine<'_>,
    unread: &mut Vec<Unread>,
) -> Option<IntegrityMonitoring> {
    if !machine.sees_processes {
        unread.push(unseen("integrityMonitoring"));
        return None;
    }
    let running = WATCHERS
        .iter()
        .filter(|(program, _)| machine.runs(program))
        .map(|(_, product)| *product);
    let scheduled = CHECKERS
        .into_iter()
        .filter(|program| is_scheduled(machine.root, program));
    let mut programs: Vec<String> = running.chain(scheduled).map(str::to_owned).collect();
    programs.sort_unstable();
    programs.dedup();
    Some(IntegrityMonitoring { programs })
}

/// Whether something runs a program from time to time: by its name, or by a line that is no comment.
fn is_scheduled(root: &Root, program: &str) -> bool {
    let runs_it = |path: &str| {
        let text = root.read_text(path).unwrap_or_default();
        let mut lines = text
            .lines()
            .filter(|line| !line.trim_start().starts_with('#'));
        lines.any(|line| line.contains(program))
    };
    SCHEDULES.iter().any(|folder| {
        let names = root.names(folder);
        let mut entries = names.iter().filter(|name| !name.starts_with('.'));
        entries.any(|name| name.contains(program) || runs_it(&format!("{folder}/{name}")))
    }) || runs_it("/etc/crontab")
}
