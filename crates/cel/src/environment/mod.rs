//! What an expression can name: functions, variables and types, for one dialect at one Kubernetes version.

mod extensions;
mod kubernetes;
mod kyverno;
mod objects;
mod signature;
mod standard;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use foldhash::HashMap;

use crate::library::{self, Function};
use crate::syntax::ParseOptions;
use crate::types::Type;

pub use signature::{Overload, parse_signature, parse_type};

/// The newest Kubernetes minor that is known.
pub const NEWEST_MINOR: u32 = 37;

/// What an expression can name.
#[derive(Debug, Clone)]
pub struct Environment {
    functions: Arc<HashMap<String, Vec<Overload>>>,
    /// Fields of named types; a type without an entry has none.
    objects: Arc<HashMap<String, HashMap<String, Type>>>,
    /// In the order of their declaration, which is the order of their slots.
    variables: Vec<(String, Type)>,
    container: String,
    parse_options: ParseOptions,
    literals: LiteralRules,
    null_is_absent: bool,
    strict_presence: bool,
    mutation_types: bool,
    or_value_of_plain_values: bool,
    /// Functions that are other functions here: the name as written, the form, and the name of the other.
    replaced: &'static [(&'static str, bool, &'static str)],
    /// Functions of the embedding program.
    own: Vec<&'static [Function]>,
    trusts_constants: bool,
    /// Variables that stay the same, and functions that only give a name.
    stable: &'static [&'static str],
    naming: &'static [&'static str],
}

/// A library: since which Kubernetes minor, and its functions. Each minor has what its own API server has, which is
/// less than what a newer server gives to policies of that minor.
const LIBRARIES: &[(u32, &[&str])] = &[
    (0, standard::STANDARD),
    (0, extensions::STRINGS),
    (0, kubernetes::REGEX),
    (0, kubernetes::URLS),
    (0, kubernetes::LISTS),
    (27, kubernetes::AUTHORIZER),
    (28, extensions::OPTIONALS),
    (28, kubernetes::QUANTITY),
    (29, extensions::STRINGS_2),
    (29, extensions::SETS),
    (30, kubernetes::NETWORK),
    (31, kubernetes::FORMAT),
    (32, kubernetes::AUTHORIZER_SELECTORS),
    (33, extensions::OPTIONALS_2),
    (33, kubernetes::SEMVER),
    (34, extensions::LISTS),
    (37, kubernetes::LISTS_1),
];

/// What list and map literals may hold, and which constants are looked at when an expression is compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LiteralRules {
    /// The types of a literal's elements, of its keys, and of its values.
    pub(crate) elements: ElementTypes,
    /// Constant times, durations and patterns must be such.
    pub(crate) constants: bool,
    /// The clauses of a constant text that is formatted must fit a literal list.
    pub(crate) formats: bool,
}

/// How the types of a literal's elements go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ElementTypes {
    /// They need not.
    Any,
    /// One can stand for the other: `dyn` goes with all.
    Compatible,
    /// They are the same.
    Equal,
}

impl Environment {
    /// The environment of an admission policy of Kubernetes 1.`minor`, with its variables.
    pub fn kubernetes(minor: u32) -> Environment {
        let mut environment = Environment::libraries_of(minor);
        environment.objects = Arc::new(objects::admission());
        environment.with_variables(objects::ADMISSION_VARIABLES)
    }

    /// The environment of a control page: the libraries of the newest Kubernetes, no variables.
    pub fn controls() -> Environment {
        let mut environment = Environment::libraries_of(NEWEST_MINOR);
        environment.null_is_absent = true;
        environment
    }

    /// The environment of Kyverno's own CEL policies. (A `ClusterPolicy` with `validate.cel` has that of Kubernetes.)
    pub fn kyverno() -> Environment {
        let mut environment = Environment::libraries_of(NEWEST_MINOR);
        for library in [
            extensions::MATH,
            extensions::ENCODERS,
            extensions::REGEX_EXTENSION,
            kyverno::KYVERNO,
        ] {
            environment.declare(library);
        }
        environment.parse_options.bind = true;
        environment.parse_options.math = true;
        environment.or_value_of_plain_values = true;
        environment.objects = Arc::new(objects::admission());
        environment.with_variables(kyverno::VARIABLES)
    }

    /// Everything that the conformance suite of the language uses.
    pub fn conformance() -> Environment {
        let mut environment = Environment::libraries_of(NEWEST_MINOR);
        for library in [
            extensions::STRINGS_3,
            extensions::MATH,
            extensions::ENCODERS,
            extensions::REGEX_EXTENSION,
            extensions::NETWORK,
        ] {
            environment.declare(library);
        }
        environment.parse_options.bind = true;
        environment.parse_options.math = true;
        environment.parse_options.block = true;
        environment.literals = LiteralRules {
            elements: ElementTypes::Any,
            constants: false,
            formats: false,
        };
        environment.strict_presence = true;
        environment.replaced = &[
            ("ip", false, "@unmappedIP"),
            ("indexOf", true, "@strictIndexOf"),
            ("lastIndexOf", true, "@strictLastIndexOf"),
        ];
        environment
    }

    /// Everything that Kubernetes 1.`minor` has, without variables; made once for each minor.
    fn libraries_of(minor: u32) -> Environment {
        static MADE: Mutex<BTreeMap<u32, Environment>> = Mutex::new(BTreeMap::new());
        let minor = minor.min(NEWEST_MINOR);
        let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
        made.entry(minor)
            .or_insert_with(|| Environment::make_libraries_of(minor))
            .clone()
    }

    fn make_libraries_of(minor: u32) -> Environment {
        let mut environment = Environment {
            functions: Arc::default(),
            objects: Arc::default(),
            variables: Vec::new(),
            container: String::new(),
            parse_options: ParseOptions {
                optionals: minor >= 28,
                optional_flat_map: minor >= 29,
                two_variables: minor >= 32,
                sort_by: minor >= 34,
                quoted_fields: minor >= 37,
                ..ParseOptions::STANDARD
            },
            literals: LiteralRules {
                elements: if minor >= 29 {
                    ElementTypes::Equal
                } else {
                    ElementTypes::Compatible
                },
                constants: minor >= 29,
                formats: minor >= 31,
            },
            null_is_absent: false,
            strict_presence: false,
            mutation_types: false,
            or_value_of_plain_values: false,
            replaced: &[],
            own: Vec::new(),
            trusts_constants: false,
            stable: &[],
            naming: &[],
        };
        for (since, library) in LIBRARIES {
            if *since <= minor {
                environment.declare(library);
            }
        }
        for operator in ["_<_", "_<=_", "_>_", "_>=_"] {
            for (left, right) in standard::ORDERED {
                if left == right || minor >= 28 {
                    environment.declare(&[&format!("{operator}({left}, {right}) -> bool")]);
                }
            }
        }
        environment
    }

    /// Adds functions. A signature of another form than the tables have is a mistake in them, which a test finds.
    fn declare(&mut self, signatures: &[&str]) {
        let functions = Arc::make_mut(&mut self.functions);
        for signature in signatures {
            if let Some((name, overload)) = parse_signature(signature) {
                functions.entry(name.to_owned()).or_default().push(overload);
            }
        }
    }

    /// With the variables of a table; [`parse_type`] reads their types.
    fn with_variables(mut self, variables: &[(&str, &str)]) -> Environment {
        for (name, of) in variables {
            self = self.with_variable(name, parse_type(of).unwrap_or(Type::Dyn));
        }
        self
    }

    /// With list and map literals of mixed types, or without: a policy of Kyverno that generates objects may write
    /// them, the others may not.
    #[must_use]
    pub fn with_mixed_literals(mut self, mixed: bool) -> Environment {
        self.literals.elements = if mixed {
            ElementTypes::Any
        } else {
            ElementTypes::Equal
        };
        self
    }

    /// With this variable in the next slot. One that is declared already keeps its slot and gets the new type.
    #[must_use]
    pub fn with_variable(mut self, name: &str, of: Type) -> Environment {
        match self.variables.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => *known = of,
            None => self.variables.push((name.to_owned(), of)),
        }
        self
    }

    /// With one more form of a function.
    #[must_use]
    pub fn with_function(mut self, name: &str, overload: Overload) -> Environment {
        let functions = Arc::make_mut(&mut self.functions);
        functions.entry(name.to_owned()).or_default().push(overload);
        self
    }

    /// With functions of the embedding program: how they are declared, as [`parse_signature`] reads it, and what runs.
    #[must_use]
    pub fn with_library(
        mut self,
        signatures: &[&str],
        functions: &'static [Function],
    ) -> Environment {
        self.declare(signatures);
        self.own.push(functions);
        self
    }

    /// For expressions that were compiled before by the same environment without this: constant patterns are then not
    /// looked at again, and compiled when they are first matched.
    #[must_use]
    pub fn with_trusted_constants(mut self) -> Environment {
        self.trusts_constants = true;
        self
    }

    /// With variables that stay the same for as long as a [`Memory`](crate::memory::Memory) is kept, and functions of one
    /// argument that give no more of it than a name: what an expression says of such a name or of stable variables alone
    /// is then remembered, where that is worth it.
    #[must_use]
    pub fn with_stable(
        mut self,
        variables: &'static [&'static str],
        naming: &'static [&'static str],
    ) -> Environment {
        self.stable = variables;
        self.naming = naming;
        self
    }

    /// With names looked up in this container first.
    #[must_use]
    pub fn with_container(mut self, container: &str) -> Environment {
        container.clone_into(&mut self.container);
        self
    }

    /// With `Object{..}` and `JSONPatch{..}`, the types of a mutation.
    #[must_use]
    pub fn with_mutation_types(mut self) -> Environment {
        self.declare(kubernetes::JSON_PATCH);
        self.mutation_types = true;
        self
    }

    /// The slot of a variable: its place in the list that an evaluation is given.
    pub fn slot(&self, name: &str) -> Option<usize> {
        self.variables.iter().position(|(known, _)| known == name)
    }

    /// How many variables there are.
    pub fn variable_count(&self) -> usize {
        self.variables.len()
    }

    /// The type of a variable.
    pub fn variable(&self, name: &str) -> Option<&Type> {
        self.variables
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, of)| of)
    }

    /// Names of all variables, in the order of their slots.
    pub fn variable_names(&self) -> impl Iterator<Item = &str> {
        self.variables.iter().map(|(name, _)| name.as_str())
    }

    /// The forms of a function; none for an unknown name.
    pub fn overloads(&self, name: &str) -> &[Overload] {
        self.functions.get(name).map_or(&[], Vec::as_slice)
    }

    /// Whether a function of this name exists in any form.
    pub fn declares_function(&self, name: &str) -> bool {
        self.functions.contains_key(name)
    }

    /// All functions and operators in all their forms, as [`parse_signature`] reads them, sorted.
    pub fn signatures(&self) -> Vec<String> {
        let mut signatures: Vec<String> = self
            .functions
            .iter()
            .flat_map(|(name, overloads)| overloads.iter().map(|overload| overload.signature(name)))
            .collect();
        signatures.sort();
        signatures
    }

    /// Where a function exists that does not exist here.
    pub(crate) fn elsewhere(function: &str) -> Option<String> {
        let has = |library: &[&str]| {
            library
                .iter()
                .filter_map(|signature| parse_signature(signature))
                .any(|(name, _)| name == function)
        };
        if let Some((since, _)) = LIBRARIES.iter().find(|(_, library)| has(library)) {
            return Some(format!("Kubernetes has it since 1.{since}"));
        }
        let extensions = [
            extensions::STRINGS_3,
            extensions::MATH,
            extensions::ENCODERS,
            extensions::REGEX_EXTENSION,
            extensions::NETWORK,
        ];
        if extensions.into_iter().any(has) {
            return Some("it is an extension that Kubernetes has not".to_owned());
        }
        if has(kyverno::KYVERNO) {
            return Some("it is a function of Kyverno".to_owned());
        }
        has(kubernetes::JSON_PATCH).then(|| "it is for mutations only".to_owned())
    }

    /// Names of all functions, in no order.
    pub(crate) fn function_names(&self) -> impl Iterator<Item = &str> {
        self.functions.keys().map(String::as_str)
    }

    /// The type of a field of a named type: `None` where the type has no such field.
    pub(crate) fn field(&self, type_name: &str, field: &str) -> Option<Type> {
        if self.mutation_types && objects::is_mutation_type(type_name) {
            return objects::mutation_field(type_name, field);
        }
        self.objects.get(type_name)?.get(field).cloned()
    }

    /// The names of a named type's fields, in no order; none where any name is one.
    pub(crate) fn field_names(&self, type_name: &str) -> impl Iterator<Item = &str> {
        self.objects
            .get(type_name)
            .into_iter()
            .flat_map(|fields| fields.keys().map(String::as_str))
    }

    /// Whether a struct literal can have this type.
    pub(crate) fn has_struct(&self, type_name: &str) -> bool {
        self.mutation_types && objects::is_mutation_type(type_name)
    }

    /// The type that a name stands for as a value.
    pub(crate) fn type_named(&self, name: &str) -> Option<Type> {
        Some(match name {
            "bool" => Type::Bool,
            "int" => Type::Int,
            "uint" => Type::Uint,
            "double" => Type::Double,
            "string" => Type::String,
            "bytes" => Type::Bytes,
            "null_type" => Type::Null,
            "list" => Type::list(Type::Dyn),
            "map" => Type::map(Type::Dyn, Type::Dyn),
            "type" => Type::Type(Arc::new(Type::Dyn)),
            "optional_type" if self.declares_function("optional.of") => Type::optional(Type::Dyn),
            "google.protobuf.Duration" => Type::Duration,
            "google.protobuf.Timestamp" => Type::Timestamp,
            // Of the types of the libraries, upstream gives a name as a value to these two only.
            "net.IP" if self.declares_function("ip") => Type::named(name),
            "net.CIDR" if self.declares_function("cidr") => Type::named(name),
            name if self.has_struct(name) => Type::named(name),
            _ => return None,
        })
    }

    /// The function of this name and form.
    pub(crate) fn function(&self, name: &str, member: bool) -> Option<&'static Function> {
        let own = self.own.iter().copied().flatten();
        own.into_iter()
            .find(|function| function.name == name && function.member == member)
            .or_else(|| library::find(self.library_name(name, member), member))
    }

    /// The name under which the library has a function.
    fn library_name<'n>(&self, name: &'n str, member: bool) -> &'n str {
        let replaced = self
            .replaced
            .iter()
            .find(|(from, form, _)| *from == name && *form == member);
        replaced.map_or(name, |(_, _, to)| to)
    }

    /// The container in which names are looked up first.
    pub(crate) fn container(&self) -> &str {
        &self.container
    }

    /// What the parser accepts.
    pub fn parse_options(&self) -> &ParseOptions {
        &self.parse_options
    }

    /// What literals may hold.
    pub(crate) fn literals(&self) -> LiteralRules {
        self.literals
    }

    /// Whether constants need not be looked at.
    pub(crate) fn trusts_constants(&self) -> bool {
        self.trusts_constants
    }

    /// Variables that stay the same.
    pub(crate) fn stable(&self) -> &'static [&'static str] {
        self.stable
    }

    /// Whether a function gives no more of its argument than a name.
    pub(crate) fn is_naming(&self, function: &str) -> bool {
        self.naming.contains(&function)
    }

    /// Whether a function is one of the embedding program.
    pub(crate) fn is_own(&self, function: &str) -> bool {
        let mut own = self.own.iter().copied().flatten();
        own.any(|known| known.name == function)
    }

    /// Whether a null entry of a document's map counts as absent.
    pub(crate) fn null_is_absent(&self) -> bool {
        self.null_is_absent
    }

    /// Whether `orValue` of a value that is no optional gives the value.
    pub(crate) fn or_value_of_plain_values(&self) -> bool {
        self.or_value_of_plain_values
    }

    /// Whether `has` of a field of a scalar is an error.
    pub(crate) fn strict_presence(&self) -> bool {
        self.strict_presence
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_signature_of_the_tables_can_be_read() {
        let mut tables: Vec<&[&str]> = LIBRARIES.iter().map(|(_, library)| *library).collect();
        tables.extend([
            extensions::STRINGS_3,
            extensions::MATH,
            extensions::ENCODERS,
            extensions::REGEX_EXTENSION,
            kubernetes::JSON_PATCH,
            kyverno::KYVERNO,
        ]);
        for signature in tables.into_iter().flatten() {
            assert!(parse_signature(signature).is_some(), "{signature}");
        }
    }

    #[test]
    fn libraries_come_with_their_kubernetes_minor() {
        for (minor, function) in [
            (28, "quantity"),
            (29, "sets.contains"),
            (30, "ip"),
            (33, "semver"),
            (34, "lists.range"),
        ] {
            assert!(
                !Environment::kubernetes(minor - 1).declares_function(function),
                "{function}"
            );
            assert!(
                Environment::kubernetes(minor).declares_function(function),
                "{function}"
            );
        }
    }
}
