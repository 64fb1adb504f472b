//! Values: small, copied freely, borrowed from documents, programs or the evaluation's heap.

use plimsoll_document::{Node, NodeKind, Scalar};

use crate::arena::Arena;
use crate::error::{ErrorKind, EvalError};
use crate::library::Object;

/// A value at run time.
#[derive(Clone, Copy, Debug)]
pub enum Value<'a> {
    /// `null`
    Null,
    /// `bool`
    Bool(bool),
    /// `int`
    Int(i64),
    /// `uint`
    Uint(u64),
    /// `double`
    Double(f64),
    /// `string`
    String(&'a str),
    /// `bytes`
    Bytes(&'a [u8]),
    /// `google.protobuf.Duration`
    Duration(Duration),
    /// `google.protobuf.Timestamp`
    Timestamp(Timestamp),
    /// A list made by the expression.
    List(&'a [Value<'a>]),
    /// A map made by the expression.
    Map(&'a Map<'a>),
    /// A list or map of a document; scalars of documents are the variants above.
    Node(Node<'a>),
    /// `optional_type`
    Optional(Option<&'a Value<'a>>),
    /// A type as a value, by its name.
    Type(&'a str),
    /// A value of one of the function libraries: a quantity, an address.
    Object(&'a Object<'a>),
    /// `Type{field: value}`
    Struct(&'a Struct<'a>),
}

/// Seconds and nanoseconds of the same sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration {
    /// Whole seconds.
    pub seconds: i64,
    /// Nanoseconds, `-999_999_999..=999_999_999`.
    pub nanos: i32,
}

/// Time since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    /// Whole seconds, rounded down.
    pub seconds: i64,
    /// Nanoseconds above those, `0..=999_999_999`.
    pub nanos: u32,
}

/// Entries in the order they were made. Keys are bool, int, uint or string, each there once.
#[derive(Debug, Default)]
pub struct Map<'a> {
    /// The entries.
    pub entries: &'a [(Value<'a>, Value<'a>)],
}

/// An object made by a struct literal.
#[derive(Debug)]
pub struct Struct<'a> {
    /// The type's name.
    pub type_name: &'a str,
    /// The fields that were set.
    pub fields: &'a [(&'a str, Value<'a>)],
}

/// Where values and errors live that an evaluation makes. Freed as a whole. Past the limit of the arena's memory what it
/// makes is empty, and the evaluation fails.
#[derive(Clone, Copy)]
pub struct Heap<'a> {
    arena: &'a Arena,
}

impl<'a> Heap<'a> {
    /// A heap in this arena.
    pub fn new(arena: &'a Arena) -> Heap<'a> {
        Heap { arena }
    }

    /// A string.
    pub fn string(self, text: &str) -> Value<'a> {
        Value::String(self.str(text))
    }

    /// The text of a string value.
    pub fn str(self, text: &str) -> &'a str {
        if !self.arena.take(text.len()) {
            return "";
        }
        self.arena.bump.alloc_str(text)
    }

    /// Two texts as one.
    pub fn concat(self, left: &str, right: &str) -> &'a str {
        let length = left.len() + right.len();
        if !self.arena.take(length) {
            return "";
        }
        let bytes: &'a mut [u8] = self.arena.bump.alloc_slice_fill_copy(length, 0);
        let (start, end) = bytes.split_at_mut(left.len());
        start.copy_from_slice(left.as_bytes());
        end.copy_from_slice(right.as_bytes());
        // Two texts end to end are a text.
        std::str::from_utf8(bytes).unwrap_or_default()
    }

    /// Bytes.
    pub fn bytes(self, bytes: &[u8]) -> Value<'a> {
        Value::Bytes(self.copy(bytes))
    }

    /// A list.
    pub fn list(self, elements: &[Value<'a>]) -> Value<'a> {
        Value::List(self.copy(elements))
    }

    /// A list of elements that are made here.
    pub fn list_of(
        self,
        elements: impl IntoIterator<Item = Value<'a>, IntoIter: ExactSizeIterator>,
    ) -> Value<'a> {
        let elements = elements.into_iter();
        if !self.arena.take(elements.len() * size_of::<Value<'a>>()) {
            return Value::List(&[]);
        }
        Value::List(self.arena.bump.alloc_slice_fill_iter(elements))
    }

    /// A map. The caller has made sure that no key is there twice.
    pub fn map(self, entries: &[(Value<'a>, Value<'a>)]) -> Value<'a> {
        let entries = self.copy(entries);
        Value::Map(self.one(Map { entries }))
    }

    /// An optional that holds a value.
    pub fn some(self, value: Value<'a>) -> Value<'a> {
        Value::Optional(Some(self.one(value)))
    }

    /// A library's value.
    pub fn object(self, object: Object<'a>) -> Value<'a> {
        Value::Object(self.one(object))
    }

    /// A struct.
    pub fn struct_of(self, type_name: &'a str, fields: &[(&'a str, Value<'a>)]) -> Value<'a> {
        let fields = self.copy(fields);
        Value::Struct(self.one(Struct { type_name, fields }))
    }

    /// An error.
    pub fn error(self, kind: ErrorKind<'a>) -> EvalError<'a> {
        self.one(kind)
    }

    fn copy<T: Copy>(self, elements: &[T]) -> &'a [T] {
        if !self.arena.take(size_of_val(elements)) {
            return &[];
        }
        self.arena.bump.alloc_slice_copy(elements)
    }

    /// A thing of fixed size. It is made in any case: an evaluation makes few of them between two looks at what it used.
    fn one<T>(self, thing: T) -> &'a T {
        self.arena.take(size_of::<T>());
        self.arena.bump.alloc(thing)
    }

    /// The arena, and what it may give.
    pub(crate) fn arena(self) -> &'a Arena {
        self.arena
    }

    /// That no more memory was asked for than may be had.
    #[inline]
    pub(crate) fn check_memory(self) -> Result<(), EvalError<'a>> {
        if self.arena.is_exhausted() {
            return Err(self.memory_exceeded());
        }
        Ok(())
    }

    /// That there is room for something of so many bytes.
    pub(crate) fn check_room(self, bytes: usize) -> Result<(), EvalError<'a>> {
        if self.arena.has_room(bytes) {
            return Ok(());
        }
        Err(self.memory_exceeded())
    }

    /// That time is not over; for steps that take longer than their cost says.
    pub(crate) fn check_time(self) -> Result<(), EvalError<'a>> {
        if self.arena.is_time_over() {
            let limit = self.arena.limits().time.unwrap_or_default();
            return Err(self.error(ErrorKind::TimeExceeded(limit)));
        }
        Ok(())
    }

    #[cold]
    fn memory_exceeded(self) -> EvalError<'a> {
        self.error(ErrorKind::MemoryExceeded(self.arena.limits().memory))
    }

    /// The error of a conversion, with its reason.
    pub fn conversion_error(self, reason: &str) -> EvalError<'a> {
        self.error(ErrorKind::Conversion(self.str(reason)))
    }

    /// The error of an argument that a function refuses, with its reason.
    pub fn argument_error(self, reason: &str) -> EvalError<'a> {
        self.error(ErrorKind::Argument(self.str(reason)))
    }

    /// The error of a function that has no form for its arguments.
    pub fn no_such_overload(self, function: &'a str) -> EvalError<'a> {
        self.error(ErrorKind::NoSuchOverload { function })
    }
}

/// A list of either kind.
#[derive(Clone, Copy, Debug)]
pub enum ListView<'a> {
    /// A list of a document.
    Node(Node<'a>),
    /// A list made by the expression.
    Values(&'a [Value<'a>]),
}

/// A map of either kind.
#[derive(Clone, Copy, Debug)]
pub enum MapView<'a> {
    /// A map of a document.
    Node(Node<'a>),
    /// A map made by the expression.
    Entries(&'a [(Value<'a>, Value<'a>)]),
}

impl<'a> Value<'a> {
    /// A node's value: scalars by value, containers as the node.
    #[inline]
    pub fn from_node(node: Node<'a>) -> Value<'a> {
        match node.scalar() {
            Scalar::Null => Value::Null,
            Scalar::Bool(value) => Value::Bool(value),
            Scalar::Int(value) => Value::Int(value),
            Scalar::Uint(value) => Value::Uint(value),
            Scalar::Double(value) => Value::Double(value),
            Scalar::String(value) => Value::String(value),
            Scalar::List | Scalar::Map => Value::Node(node),
        }
    }

    /// The list, of either kind.
    #[inline]
    pub fn as_list(self) -> Option<ListView<'a>> {
        match self {
            Value::List(values) => Some(ListView::Values(values)),
            Value::Node(node) if node.kind() == NodeKind::List => Some(ListView::Node(node)),
            _ => None,
        }
    }

    /// The map, of either kind.
    #[inline]
    pub fn as_map(self) -> Option<MapView<'a>> {
        match self {
            Value::Map(map) => Some(MapView::Entries(map.entries)),
            Value::Node(node) if node.kind() == NodeKind::Map => Some(MapView::Node(node)),
            _ => None,
        }
    }

    /// The string.
    #[inline]
    pub fn as_str(self) -> Option<&'a str> {
        match self {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The name of the value's type, as `type(value)` gives it.
    pub fn type_name(self) -> &'a str {
        match self {
            Value::Null => "null_type",
            Value::Bool(_) => "bool",
            Value::Int(_) => "int",
            Value::Uint(_) => "uint",
            Value::Double(_) => "double",
            Value::String(_) => "string",
            Value::Bytes(_) => "bytes",
            Value::Duration(_) => "google.protobuf.Duration",
            Value::Timestamp(_) => "google.protobuf.Timestamp",
            Value::List(_) => "list",
            Value::Map(_) => "map",
            Value::Node(node) if node.kind() == NodeKind::List => "list",
            Value::Node(_) => "map",
            Value::Optional(_) => "optional_type",
            Value::Type(_) => "type",
            Value::Object(object) => object.type_name(),
            Value::Struct(object) => object.type_name,
        }
    }
}

impl<'a> ListView<'a> {
    /// How many elements.
    #[inline]
    pub fn len(self) -> usize {
        match self {
            ListView::Node(node) => node.len(),
            ListView::Values(values) => values.len(),
        }
    }

    /// Whether there is no element.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The element at this place.
    #[inline]
    pub fn get(self, index: usize) -> Option<Value<'a>> {
        match self {
            ListView::Node(node) => node.child(index).map(Value::from_node),
            ListView::Values(values) => values.get(index).copied(),
        }
    }

    /// The elements in order.
    pub fn iter(self) -> impl ExactSizeIterator<Item = Value<'a>> + DoubleEndedIterator {
        (0..self.len()).map(move |index| self.get(index).unwrap_or(Value::Null))
    }
}

impl<'a> MapView<'a> {
    /// How many entries.
    pub fn len(self) -> usize {
        match self {
            MapView::Node(node) => node.len(),
            MapView::Entries(entries) => entries.len(),
        }
    }

    /// Whether there is no entry.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The entry at this place.
    #[inline]
    pub fn entry(self, index: usize) -> Option<(Value<'a>, Value<'a>)> {
        match self {
            MapView::Node(node) => node
                .child(index)
                .map(|child| (Value::String(child.key()), Value::from_node(child))),
            MapView::Entries(entries) => entries.get(index).copied(),
        }
    }

    /// The entries in order.
    pub fn iter(self) -> impl ExactSizeIterator<Item = (Value<'a>, Value<'a>)> {
        (0..self.len()).map(move |index| self.entry(index).unwrap_or((Value::Null, Value::Null)))
    }

    /// The value under a string key.
    pub fn get_str(self, key: &str) -> Option<Value<'a>> {
        match self {
            MapView::Node(node) => node.get_name(key).map(Value::from_node),
            MapView::Entries(entries) => entries
                .iter()
                .find(|(name, _)| name.as_str() == Some(key))
                .map(|(_, value)| *value),
        }
    }
}
