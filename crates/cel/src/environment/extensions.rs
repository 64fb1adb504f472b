//! The extension libraries of the reference implementation.

/// Optional types and what makes them. Kubernetes since 1.28.
pub(super) const OPTIONALS: &[&str] = &[
    "optional.of(V) -> optional(V)",
    "optional.ofNonZeroValue(V) -> optional(V)",
    "optional.none() -> optional(V)",
    "<optional(V)>.hasValue() -> bool",
    "<optional(V)>.value() -> V",
    "<optional(V)>.or(optional(V)) -> optional(V)",
    "<optional(V)>.orValue(V) -> V",
    "_[_](optional(list(V)), int) -> optional(V)",
    "_[_](optional(map(K, V)), K) -> optional(V)",
    "_[?_](list(V), int) -> optional(V)",
    "_[?_](optional(list(V)), int) -> optional(V)",
    "_[?_](map(K, V), K) -> optional(V)",
    "_[?_](optional(map(K, V)), K) -> optional(V)",
];

/// Optional types, second version. Kubernetes since 1.33: newer API servers give them to policies of 1.28 as well, but
/// those of 1.28 to 1.32 have them not.
pub(super) const OPTIONALS_2: &[&str] = &[
    "optional.unwrap(list(optional(V))) -> list(V)",
    "<list(optional(V))>.unwrapOpt() -> list(V)",
    "<list(V)>.first() -> optional(V)",
    "<list(V)>.last() -> optional(V)",
];

/// Strings, first version.
pub(super) const STRINGS: &[&str] = &[
    "<string>.charAt(int) -> string",
    "<string>.indexOf(string) -> int",
    "<string>.indexOf(string, int) -> int",
    "<string>.lastIndexOf(string) -> int",
    "<string>.lastIndexOf(string, int) -> int",
    "<string>.lowerAscii() -> string",
    "<string>.upperAscii() -> string",
    "<string>.replace(string, string) -> string",
    "<string>.replace(string, string, int) -> string",
    "<string>.split(string) -> list(string)",
    "<string>.split(string, int) -> list(string)",
    "<string>.substring(int) -> string",
    "<string>.substring(int, int) -> string",
    "<string>.trim() -> string",
    "<list(string)>.join() -> string",
    "<list(string)>.join(string) -> string",
];

/// Strings, second version. Kubernetes since 1.29.
pub(super) const STRINGS_2: &[&str] = &[
    "<string>.format(list(dyn)) -> string",
    "strings.quote(string) -> string",
];

/// Strings, third version. Not in Kubernetes.
pub(super) const STRINGS_3: &[&str] = &["<string>.reverse() -> string"];

/// Sets. Kubernetes since 1.29.
pub(super) const SETS: &[&str] = &[
    "sets.contains(list(T), list(T)) -> bool",
    "sets.equivalent(list(T), list(T)) -> bool",
    "sets.intersects(list(T), list(T)) -> bool",
];

/// Lists, third version. Kubernetes since 1.34.
pub(super) const LISTS: &[&str] = &[
    "<list(T)>.slice(int, int) -> list(T)",
    "<list(list(T))>.flatten() -> list(T)",
    "<list(dyn)>.flatten(int) -> list(dyn)",
    "<list(T)>.distinct() -> list(T)",
    "<list(int)>.sort() -> list(int)",
    "<list(uint)>.sort() -> list(uint)",
    "<list(double)>.sort() -> list(double)",
    "<list(bool)>.sort() -> list(bool)",
    "<list(duration)>.sort() -> list(duration)",
    "<list(timestamp)>.sort() -> list(timestamp)",
    "<list(string)>.sort() -> list(string)",
    "<list(bytes)>.sort() -> list(bytes)",
    "<list(T)>.reverse() -> list(T)",
    "lists.range(int) -> list(int)",
    // What `sortBy` comes to: a list, and the list of its keys.
    "<list(T)>.@sortByAssociatedKeys(list(int)) -> list(T)",
    "<list(T)>.@sortByAssociatedKeys(list(uint)) -> list(T)",
    "<list(T)>.@sortByAssociatedKeys(list(double)) -> list(T)",
    "<list(T)>.@sortByAssociatedKeys(list(bool)) -> list(T)",
    "<list(T)>.@sortByAssociatedKeys(list(duration)) -> list(T)",
    "<list(T)>.@sortByAssociatedKeys(list(timestamp)) -> list(T)",
    "<list(T)>.@sortByAssociatedKeys(list(string)) -> list(T)",
    "<list(T)>.@sortByAssociatedKeys(list(bytes)) -> list(T)",
];

/// Base64. Not in Kubernetes.
pub(super) const ENCODERS: &[&str] = &[
    "base64.encode(bytes) -> string",
    "base64.decode(string) -> bytes",
];

/// Mathematics. Not in Kubernetes.
pub(super) const MATH: &[&str] = &[
    // Of three numbers or more, the parser makes a list.
    "math.greatest(int) -> int",
    "math.greatest(uint) -> uint",
    "math.greatest(double) -> double",
    "math.greatest(int, int) -> int",
    "math.greatest(int, uint) -> dyn",
    "math.greatest(int, double) -> dyn",
    "math.greatest(uint, int) -> dyn",
    "math.greatest(uint, uint) -> uint",
    "math.greatest(uint, double) -> dyn",
    "math.greatest(double, int) -> dyn",
    "math.greatest(double, uint) -> dyn",
    "math.greatest(double, double) -> double",
    "math.greatest(list(int)) -> int",
    "math.greatest(list(uint)) -> uint",
    "math.greatest(list(double)) -> double",
    "math.least(int) -> int",
    "math.least(uint) -> uint",
    "math.least(double) -> double",
    "math.least(int, int) -> int",
    "math.least(int, uint) -> dyn",
    "math.least(int, double) -> dyn",
    "math.least(uint, int) -> dyn",
    "math.least(uint, uint) -> uint",
    "math.least(uint, double) -> dyn",
    "math.least(double, int) -> dyn",
    "math.least(double, uint) -> dyn",
    "math.least(double, double) -> double",
    "math.least(list(int)) -> int",
    "math.least(list(uint)) -> uint",
    "math.least(list(double)) -> double",
    "math.ceil(double) -> double",
    "math.floor(double) -> double",
    "math.round(double) -> double",
    "math.trunc(double) -> double",
    "math.sqrt(double) -> double",
    "math.sqrt(int) -> double",
    "math.sqrt(uint) -> double",
    "math.isInf(double) -> bool",
    "math.isNaN(double) -> bool",
    "math.isFinite(double) -> bool",
    "math.abs(double) -> double",
    "math.abs(int) -> int",
    "math.abs(uint) -> uint",
    "math.sign(double) -> double",
    "math.sign(int) -> int",
    "math.sign(uint) -> uint",
    "math.bitAnd(int, int) -> int",
    "math.bitAnd(uint, uint) -> uint",
    "math.bitOr(int, int) -> int",
    "math.bitOr(uint, uint) -> uint",
    "math.bitXor(int, int) -> int",
    "math.bitXor(uint, uint) -> uint",
    "math.bitNot(int) -> int",
    "math.bitNot(uint) -> uint",
    "math.bitShiftLeft(int, int) -> int",
    "math.bitShiftLeft(uint, int) -> uint",
    "math.bitShiftRight(int, int) -> int",
    "math.bitShiftRight(uint, int) -> uint",
];

/// Regular expressions of the reference implementation. Not in Kubernetes.
pub(super) const REGEX_EXTENSION: &[&str] = &[
    "regex.replace(string, string, string) -> string",
    "regex.replace(string, string, string, int) -> string",
    "regex.extract(string, string) -> optional(string)",
    "regex.extractAll(string, string) -> list(string)",
];

/// Of the reference implementation's own network library what Kubernetes' has not.
pub(super) const NETWORK: &[&str] = &["<net.CIDR>.isMask() -> bool"];
