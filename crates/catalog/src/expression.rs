//! An expression of a page.

use std::sync::{LazyLock, OnceLock};

use plimsoll_cel::diagnostic::Diagnostic;
use plimsoll_cel::environment::Environment;
use plimsoll_cel::program::Program;
use plimsoll_cel::types::Type;
use plimsoll_inventory::functions::{CLUSTER_TYPE, FUNCTIONS, SIGNATURES};

use crate::applies::Applies;
use crate::each::{Each, Start};
use crate::front_matter::PageText;

/// An expression, compiled when it is first needed: a scan needs those of the kinds that it meets. Pages of the project
/// were all compiled when it was tested, and those of users are when they are read.
#[derive(Debug)]
pub struct Expression {
    text: PageText,
    names: Names,
    expected: Type,
    is_trusted: bool,
    program: OnceLock<Result<Program, Vec<Diagnostic>>>,
}

/// Which names an expression can read, beside those that all can.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Names {
    /// `flags` and `component`.
    component: bool,
    /// `pod` and `containers`.
    pod: bool,
    /// `container`.
    container: bool,
}

impl Names {
    pub(crate) fn new(applies: &Applies, each: &[Each]) -> Names {
        Names {
            component: matches!(applies, Applies::Components(..)),
            pod: *applies == Applies::Workloads,
            container: each.iter().any(|each| each.start == Start::Containers),
        }
    }

    /// The environment of a page: of one of the project's own, constants are trusted. Each is made once.
    fn environment(self, is_trusted: bool) -> &'static Environment {
        static MADE: [OnceLock<Environment>; 16] = [const { OnceLock::new() }; 16];
        let number = [self.component, self.pod, self.container, is_trusted]
            .into_iter()
            .fold(0, |number, is_set| 2 * number + usize::from(is_set));
        MADE[number].get_or_init(|| {
            let environment = self.make_environment();
            if is_trusted {
                environment.with_trusted_constants()
            } else {
                environment
            }
        })
    }

    fn make_environment(self) -> Environment {
        // What is the same for all controls is made once.
        static OF_ALL: LazyLock<Environment> = LazyLock::new(|| {
            Environment::controls()
                .with_variable("object", Type::Dyn)
                .with_variable("item", Type::Dyn)
                .with_variable("kubernetes.minor", Type::Int)
                .with_variable("parameters", Type::Dyn)
                .with_variable("cluster", Type::named(CLUSTER_TYPE))
                .with_library(SIGNATURES, FUNCTIONS)
                .with_stable(
                    &["cluster", "parameters", "kubernetes.minor"],
                    &["namespaceName"],
                )
        });
        let mut environment = OF_ALL.clone();
        if self.component {
            environment = environment
                .with_variable("flags", Type::map(Type::String, Type::String))
                .with_variable("component", Type::Dyn);
        }
        if self.pod {
            environment = environment
                .with_variable("pod", Type::Dyn)
                .with_variable("containers", Type::list(Type::Dyn));
        }
        if self.container {
            environment = environment.with_variable("container", Type::Dyn);
        }
        environment
    }
}

impl Expression {
    pub(crate) fn new(
        text: PageText,
        names: Names,
        expected: Type,
        is_trusted: bool,
    ) -> Expression {
        Expression {
            text,
            names,
            expected,
            is_trusted,
            program: OnceLock::new(),
        }
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The compiled expression.
    ///
    /// # Errors
    /// What is wrong with it; a control that was checked when it was read has nothing.
    pub fn program(&self) -> Result<&Program, &[Diagnostic]> {
        let compiled = self.program.get_or_init(|| {
            let environment = self.names.environment(self.is_trusted);
            Program::compile(&self.text, environment, Some(&self.expected))
        });
        compiled.as_ref().map_err(Vec::as_slice)
    }
}
