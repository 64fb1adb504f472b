//! All controls and frameworks, found by id, name and alias.

use std::collections::BTreeMap;

use plimsoll_cel::check::edit_distance;
use serde_json::Value;
use thiserror::Error;

use crate::control::Control;
use crate::framework::Framework;
use crate::page::PageError;

/// A control page of the project.
pub(crate) struct BuiltInPage {
    pub(crate) path: &'static str,
    pub(crate) title: &'static str,
    /// As `packed` reads it.
    pub(crate) front_matter: &'static str,
    /// All of it.
    pub(crate) text: &'static str,
}

mod built_in {
    use super::BuiltInPage;

    include!(concat!(env!("OUT_DIR"), "/built_in.rs"));
}

/// Controls and frameworks.
#[derive(Debug, Default)]
pub struct Catalog {
    controls: Vec<Control>,
    frameworks: Vec<Framework>,
}

/// A name that nothing has.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("there is no {what} '{name}'{}", hint(.nearest))]
pub struct Unknown {
    /// What was looked for: a control, a framework.
    pub what: &'static str,
    /// The name.
    pub name: String,
    /// Names that are nearly the same.
    pub nearest: Vec<String>,
}

/// A parameter that cannot be set.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ParameterError {
    /// No control has it.
    #[error("{0}")]
    Unknown(#[from] Unknown),
    /// Its value is of another type than the default.
    #[error("the value of the parameter '{name}' is not of the type of its default, {default}")]
    Type {
        /// Its name.
        name: String,
        /// Its default, as JSON.
        default: String,
    },
}

fn hint(nearest: &[String]) -> String {
    if nearest.is_empty() {
        return String::new();
    }
    format!("; did you mean {}?", nearest.join(" or "))
}

impl Catalog {
    /// Everything that is part of the binary, read on all processors.
    ///
    /// # Errors
    /// A mistake in a page or file.
    pub fn built_in() -> Result<Catalog, PageError> {
        let mut controls = Vec::with_capacity(built_in::CONTROL_PAGES.len());
        for page in built_in::CONTROL_PAGES {
            controls.push(Control::built_in(page)?);
        }
        let frameworks = built_in::FRAMEWORK_FILES
            .iter()
            .map(|(path, packed)| Framework::built_in(path, packed));
        Ok(Catalog {
            controls,
            frameworks: frameworks.collect::<Result<_, _>>()?,
        })
    }

    /// Adds a control of the user's own.
    ///
    /// # Errors
    /// A mistake in the page, or an id or name that another control has.
    pub fn add_control(&mut self, path: &str, text: &str) -> Result<(), PageError> {
        let control = Control::parse(path, text)?;
        let same = self
            .controls
            .iter()
            .find(|other| other.id == control.id || other.name == control.name);
        if let Some(other) = same {
            return Err(PageError {
                path: path.to_owned(),
                line: 1,
                column: 1,
                message: format!(
                    "id and name are a control's own, and {} {} has one of them",
                    other.id, other.name
                ),
            });
        }
        let at = self.controls.partition_point(|other| other.id < control.id);
        self.controls.insert(at, control);
        Ok(())
    }

    /// Sets parameters of controls.
    ///
    /// # Errors
    /// A name that no control has, or a value of another type than the default.
    pub fn set_parameters(
        &mut self,
        values: &BTreeMap<String, Value>,
    ) -> Result<(), ParameterError> {
        if values.is_empty() {
            return Ok(());
        }
        let names: Vec<&str> = self
            .controls
            .iter()
            .flat_map(|control| control.parameters.list())
            .map(|parameter| parameter.name.as_str())
            .collect();
        for name in values.keys() {
            if !names.contains(&name.as_str()) {
                return Err(unknown("parameter", name, names.iter().copied()).into());
            }
        }
        for control in &mut self.controls {
            control
                .parameters
                .set(values)
                .map_err(|(name, default)| ParameterError::Type { name, default })?;
        }
        Ok(())
    }

    /// All controls, ordered by id.
    pub fn controls(&self) -> &[Control] {
        &self.controls
    }

    /// All frameworks.
    pub fn frameworks(&self) -> &[Framework] {
        &self.frameworks
    }

    /// The controls of this id or name, or with this alias; capitals do not count.
    ///
    /// # Errors
    /// A name that no control has.
    pub fn find_controls(&self, name: &str) -> Result<Vec<&Control>, Unknown> {
        let found: Vec<&Control> = self
            .controls
            .iter()
            .filter(|control| names_of(control).any(|known| known.eq_ignore_ascii_case(name)))
            .collect();
        if found.is_empty() {
            let known = self.controls.iter().flat_map(names_of);
            return Err(unknown("control", name, known));
        }
        Ok(found)
    }

    /// The framework of this id.
    ///
    /// # Errors
    /// An id that no framework has.
    pub fn find_framework(&self, id: &str) -> Result<&Framework, Unknown> {
        self.frameworks
            .iter()
            .find(|framework| framework.id.eq_ignore_ascii_case(id))
            .ok_or_else(|| {
                let known = self
                    .frameworks
                    .iter()
                    .map(|framework| framework.id.as_str());
                unknown("framework", id, known)
            })
    }
}

fn names_of(control: &Control) -> impl Iterator<Item = &str> {
    let aliases = control.aliases.iter().flat_map(|alias| &alias.ids);
    [control.id.as_str(), control.name.as_str()]
        .into_iter()
        .chain(aliases.map(String::as_str))
}

fn unknown<'n>(what: &'static str, name: &str, known: impl Iterator<Item = &'n str>) -> Unknown {
    let lower = name.to_ascii_lowercase();
    let mut near: Vec<(usize, &str)> = known
        .map(|candidate| {
            let distance = if candidate.to_ascii_lowercase().contains(&lower) && lower.len() > 3 {
                1
            } else {
                edit_distance(&lower, &candidate.to_ascii_lowercase())
            };
            (distance, candidate)
        })
        .filter(|(distance, _)| *distance <= 1 + name.len() / 4)
        .collect();
    near.sort_unstable();
    near.dedup_by_key(|(_, candidate)| *candidate);
    Unknown {
        what,
        name: name.to_owned(),
        nearest: near
            .into_iter()
            .take(3)
            .map(|(_, candidate)| candidate.to_owned())
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_the_project_are_read_as_those_of_users() {
        let catalog = Catalog::built_in().unwrap();
        assert_eq!(catalog.controls.len(), built_in::CONTROL_PAGES.len());
        assert!(
            catalog
                .controls
                .is_sorted_by(|left, right| left.id < right.id)
        );
        for (page, built_in) in built_in::CONTROL_PAGES.iter().zip(&catalog.controls) {
            let written = Control::parse(page.path, page.text).unwrap();
            assert_eq!(written.page, built_in.page);
            let texts = |control: &Control| {
                let expressions = [
                    control.when_text(),
                    control.known_text(),
                    control.expect_text(),
                ];
                [&control.id, &control.title, &control.since]
                    .map(String::clone)
                    .into_iter()
                    .chain(expressions.map(str::to_owned))
                    .collect::<Vec<String>>()
            };
            assert_eq!(texts(&written), texts(built_in));
            assert_eq!(written.evidence, built_in.evidence);
            assert_eq!(written.aliases, built_in.aliases);
            assert_eq!(written.parameters.list(), built_in.parameters.list());
            assert_eq!(written.finds, built_in.finds);
            assert_eq!(written.fix, built_in.fix);
        }
    }
}
