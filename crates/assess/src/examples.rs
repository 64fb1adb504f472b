//! Whether a page's examples do what the page says.
//!
//! Every page shows both outcomes. A line that ends with `# finds` is where a finding points, and nothing else is
//! found; what the page calls fixed is what its edits make of what fails, and passes.

use std::sync::Arc;

use plimsoll_catalog::{Control, EditKind, Example, to_json};
use plimsoll_document::{Format, Limits, Path, Segment, Source, parse};
use plimsoll_inventory::{CLUSTER_GROUP, CLUSTER_KIND, Inventory, KubernetesVersion};
use serde_json::{Value as Json, json};

use crate::assessment::{Assessment, Settings, assess};

/// An example that does not do what its page says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// The line of the page on which the example begins, from 1; 0 where one is missing.
    pub line: u32,
    /// What is wrong.
    pub message: String,
}

/// Judges all examples of a page.
pub fn check_examples(control: &Control) -> Vec<Mismatch> {
    let mut wrong = Vec::new();
    if control.expect.is_none() {
        return wrong;
    }
    let passing = control.page.examples("Passes");
    let failing = control.page.examples("Fails");
    if passing.is_empty() || failing.is_empty() {
        wrong.push(Mismatch {
            line: 0,
            message: "a page shows both outcomes, under 'Passes' and 'Fails'".to_owned(),
        });
    }
    let mut judged = 0;
    for example in &passing {
        judged += check(control, example, true, &mut wrong);
    }
    if judged == 0 && !passing.is_empty() {
        wrong.push(Mismatch {
            line: 0,
            message: "nothing is judged in any example under 'Passes'".to_owned(),
        });
    }
    for example in &failing {
        check(control, example, false, &mut wrong);
    }
    let fixed = control.page.examples("Fixed");
    if control.fix.is_empty() != fixed.is_empty() || fixed.len() > failing.len() {
        wrong.push(Mismatch {
            line: 0,
            message: "a page with 'fix' has examples under 'Fixed', and no other page has"
                .to_owned(),
        });
    }
    for (before, after) in failing.iter().zip(&fixed) {
        check(control, after, true, &mut wrong);
        if let Err(message) = is_fixed(control, before, after) {
            wrong.push(Mismatch {
                line: after.line,
                message,
            });
        }
    }
    wrong
}

/// Judges an example; gives how many objects passed.
fn check(control: &Control, example: &Example, passes: bool, wrong: &mut Vec<Mismatch>) -> u32 {
    let mut mismatch = |message: String| {
        wrong.push(Mismatch {
            line: example.line,
            message,
        });
    };
    let (inventory, assessment) = match scan(control, example) {
        Ok(scanned) => scanned,
        Err(message) => {
            mismatch(message);
            return 0;
        }
    };
    for missing in &assessment.not_assessed {
        mismatch(format!("not assessed: {}", missing.reason));
    }
    let found: Vec<String> = assessment
        .findings()
        .iter()
        .map(|finding| format!("line {}: {}", finding.position.line, finding.message))
        .collect();
    if passes {
        if !found.is_empty() {
            mismatch(format!("should pass, but {}", found.join("; ")));
        }
        return assessment.controls[0].tally.passed;
    }
    // What is found about the cluster itself stands at no line.
    let mut lines: Vec<u32> = assessment
        .findings()
        .iter()
        .filter(|finding| inventory.object(finding.object).group() != CLUSTER_GROUP)
        .map(|finding| finding.position.line)
        .collect();
    lines.sort_unstable();
    lines.dedup();
    let marked: Vec<u32> = example
        .yaml
        .lines()
        .enumerate()
        .filter(|(_, line)| line.trim_end().ends_with("# finds"))
        .map(|(at, _)| at as u32 + 1)
        .collect();
    if lines != marked || found.is_empty() {
        mismatch(format!(
            "finds at lines {lines:?}, marked are {marked:?}: {}",
            found.join("; ")
        ));
    }
    0
}

fn scan<'c>(
    control: &'c Control,
    example: &Example,
) -> Result<(Inventory, Assessment<'c>), String> {
    let inventory = inventory(&example.yaml)?;
    let kubernetes = match &example.kubernetes {
        Some(version) => KubernetesVersion::parse(version).map_err(|error| error.to_string())?,
        None => KubernetesVersion::NEWEST,
    };
    let assessment = assess(&inventory, &[control], &[], Settings::at(kubernetes));
    Ok((inventory, assessment))
}

fn inventory(yaml: &str) -> Result<Inventory, String> {
    let source = Arc::new(Source::new("example.yaml", yaml));
    let parsed = parse(&source, Format::Yaml, &Limits::default());
    if let Some(problem) = parsed.problems.first() {
        return Err(format!("{}: {}", problem.position, problem.kind));
    }
    let mut builder = Inventory::builder();
    builder.add(&parsed);
    let inventory = builder.finish();
    match inventory.skipped().first() {
        Some(skipped) => Err(format!(
            "line {} of the example: {}",
            skipped.line.unwrap_or_default(),
            skipped.reason
        )),
        None => Ok(inventory),
    }
}

/// That the edits make of one example what the other is.
fn is_fixed(control: &Control, before: &Example, after: &Example) -> Result<(), String> {
    let (inventory_before, assessment) = scan(control, before)?;
    let mut objects: Vec<Json> = objects(&inventory_before);
    // From the last place to the first, so that removing an element moves no other edit's place.
    for finding in assessment.findings().iter().rev() {
        for edit in finding.edits.iter().rev() {
            let object = &mut objects[finding.object.0 as usize];
            apply(object, &edit.path, &edit.kind)
                .map_err(|reason| format!("the edit at {} cannot be made: {reason}", edit.path))?;
        }
    }
    let wanted = self::objects(&inventory(&after.yaml)?);
    if objects == wanted {
        Ok(())
    } else {
        let made: Vec<String> = objects.iter().map(Json::to_string).collect();
        Err(format!("the edits give {}", made.join("\n")))
    }
}

fn objects(inventory: &Inventory) -> Vec<Json> {
    inventory
        .objects()
        .iter()
        .filter(|object| object.kind() != CLUSTER_KIND || object.group() != CLUSTER_GROUP)
        .map(|object| to_json(object.root()))
        .collect()
}

/// Whether a path leads somewhere.
fn exists(object: &Json, path: &Path) -> bool {
    let mut here = Some(object);
    for segment in &path.segments {
        here = here.and_then(|here| match segment {
            Segment::Key(key) => here.get(key.name()),
            Segment::Index(index) => here.get(*index),
            Segment::Every => None,
        });
    }
    here.is_some()
}

/// Makes an edit on an object as JSON.
fn apply(object: &mut Json, path: &Path, kind: &EditKind) -> Result<(), &'static str> {
    let (last, above) = path
        .segments
        .split_last()
        .ok_or("it names the object itself")?;
    if *kind == EditKind::Remove && !exists(object, path) {
        return Ok(());
    }
    let mut here = object;
    for segment in above {
        here = match segment {
            Segment::Key(key) => {
                let map = here.as_object_mut().ok_or("a map is expected above it")?;
                map.entry(key.name()).or_insert_with(|| json!({}))
            }
            Segment::Index(index) => here.get_mut(*index).ok_or("there is no such element")?,
            Segment::Every => return Err("it names more than one place"),
        };
    }
    match (kind, last) {
        (EditKind::Set(value), Segment::Key(key)) => {
            let map = here.as_object_mut().ok_or("a map is expected above it")?;
            map.insert(key.name().to_owned(), value.clone());
        }
        (EditKind::Set(value), Segment::Index(index)) => {
            *here.get_mut(*index).ok_or("there is no such element")? = value.clone();
        }
        (EditKind::Remove, Segment::Key(key)) => {
            let map = here.as_object_mut().ok_or("a map is expected above it")?;
            map.shift_remove(key.name());
        }
        (EditKind::Remove, Segment::Index(index)) => {
            let elements = here.as_array_mut().ok_or("a list is expected above it")?;
            if *index >= elements.len() {
                return Err("there is no such element");
            }
            elements.remove(*index);
        }
        (EditKind::Append(value), Segment::Key(key)) => {
            let map = here.as_object_mut().ok_or("a map is expected above it")?;
            let added = map.entry(key.name()).or_insert_with(|| json!([]));
            let elements = added.as_array_mut().ok_or("it is no list")?;
            elements.push(value.clone());
        }
        _ => return Err("an edit of this kind does not fit its path"),
    }
    Ok(())
}
