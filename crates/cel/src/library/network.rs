//! Addresses and networks.

use std::fmt;
use std::net::IpAddr;

use super::operator_cost::{size, traversal};
use super::{Function, Object, unit_cost};
use crate::error::EvalError;
use crate::value::{Heap, Value};

type Result<'a> = std::result::Result<Value<'a>, EvalError<'a>>;

/// A network: an address and how many of its leading bits name the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cidr {
    address: IpAddr,
    prefix: u8,
}

impl Cidr {
    /// Reads `10.0.0.0/8`. Refuses what the API server refuses: zones, IPv4 in IPv6, leading zeros.
    pub fn parse(text: &str) -> Option<Cidr> {
        let (address, prefix) = text.split_once('/')?;
        let address = parse_ip(address)?;
        let bits = if address.is_ipv4() { 32 } else { 128 };
        let well_formed = !prefix.is_empty()
            && prefix.len() <= 3
            && prefix.bytes().all(|digit| digit.is_ascii_digit())
            && (prefix == "0" || !prefix.starts_with('0'));
        let prefix: u8 = well_formed.then(|| prefix.parse().ok())??;
        (prefix <= bits).then_some(Cidr { address, prefix })
    }

    /// The network without the bits after its prefix.
    #[must_use]
    pub fn masked(self) -> Cidr {
        let address = match self.address {
            IpAddr::V4(address) => {
                let mask = u32::MAX
                    .checked_shl(32 - u32::from(self.prefix))
                    .unwrap_or(0);
                IpAddr::V4((u32::from(address) & mask).into())
            }
            IpAddr::V6(address) => {
                let mask = u128::MAX
                    .checked_shl(128 - u32::from(self.prefix))
                    .unwrap_or(0);
                IpAddr::V6((u128::from(address) & mask).into())
            }
        };
        Cidr { address, ..self }
    }

    /// Whether the address is in the network.
    pub fn contains(self, address: IpAddr) -> bool {
        if self.address.is_ipv4() != address.is_ipv4() {
            return false;
        }
        let of = Cidr {
            address,
            prefix: self.prefix,
        };
        of.masked() == self.masked()
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

/// An address, by the API server's rules.
pub fn parse_ip(text: &str) -> Option<IpAddr> {
    if text.contains('%') {
        return None;
    }
    let address: IpAddr = text.parse().ok()?;
    match address {
        IpAddr::V6(six) if six.to_ipv4_mapped().is_some() => None,
        address => Some(address),
    }
}

pub(super) static FUNCTIONS: &[Function] = &[
    Function::new("ip", false, ip, text_cost),
    Function::new("@unmappedIP", false, unmapped_ip, text_cost),
    Function::new("ip", true, cidr_ip, unit_cost),
    Function::new("isIP", false, is_ip, text_cost),
    Function::new("ip.isCanonical", false, is_canonical, canonical_cost),
    Function::new("family", true, family, unit_cost),
    Function::new(
        "isUnspecified",
        true,
        |h, a| test(h, a, std::net::IpAddr::is_unspecified),
        unit_cost,
    ),
    Function::new(
        "isLoopback",
        true,
        |h, a| test(h, a, std::net::IpAddr::is_loopback),
        unit_cost,
    ),
    Function::new(
        "isLinkLocalMulticast",
        true,
        |h, a| test(h, a, is_link_local_multicast),
        unit_cost,
    ),
    Function::new(
        "isLinkLocalUnicast",
        true,
        |h, a| test(h, a, is_link_local_unicast),
        unit_cost,
    ),
    Function::new(
        "isGlobalUnicast",
        true,
        |h, a| test(h, a, is_global_unicast),
        unit_cost,
    ),
    Function::new("cidr", false, cidr, text_cost),
    Function::new("isCIDR", false, is_cidr, text_cost),
    Function::new("containsIP", true, contains_ip, contains_ip_cost),
    Function::new("containsCIDR", true, contains_cidr, contains_cidr_cost),
    Function::new("masked", true, masked, unit_cost),
    Function::new("isMask", true, is_mask, unit_cost),
    Function::new("prefixLength", true, prefix_length, unit_cost),
];

fn text_cost(arguments: &[Value<'_>], _result: &Value<'_>) -> u64 {
    arguments.first().map_or(1, |text| traversal(size(text)))
}

fn canonical_cost(arguments: &[Value<'_>], _result: &Value<'_>) -> u64 {
    arguments.first().map_or(1, |text| size(text).div_ceil(5))
}

/// The size of a network for its cost: the bytes of its prefix.
fn network_size(value: Option<&Value<'_>>) -> u64 {
    match value {
        Some(Value::Object(Object::Cidr(network))) => u64::from(network.prefix).div_ceil(8),
        _ => 1,
    }
}

/// What reading a text argument costs beside.
fn argument_cost(arguments: &[Value<'_>]) -> u64 {
    match arguments.get(1) {
        Some(text @ Value::String(_)) => traversal(size(text)),
        _ => 0,
    }
}

fn contains_ip_cost(arguments: &[Value<'_>], _result: &Value<'_>) -> u64 {
    traversal(network_size(arguments.first()) * 2) + argument_cost(arguments)
}

fn contains_cidr_cost(arguments: &[Value<'_>], _result: &Value<'_>) -> u64 {
    let network = network_size(arguments.first());
    traversal(network * 2) + traversal(network) + 1 + argument_cost(arguments)
}

fn ip<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    match arguments {
        [Value::String(text)] => Ok(heap.object(Object::Ip(ip_of(heap, text)?))),
        _ => Err(heap.no_such_overload("ip")),
    }
}

/// `ip` by the letter of the language's extension: an IPv4 address within IPv6 is that IPv4 address, where Kubernetes
/// refuses it.
fn unmapped_ip<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    if let [Value::String(text)] = arguments
        && let Ok(address) = text.parse::<IpAddr>()
    {
        return Ok(heap.object(Object::Ip(address.to_canonical())));
    }
    ip(heap, arguments)
}

fn ip_of<'a>(heap: Heap<'a>, text: &str) -> std::result::Result<IpAddr, EvalError<'a>> {
    parse_ip(text).ok_or_else(|| {
        heap.argument_error(&format!(
            "IP Address {text:?} parse error during conversion from string"
        ))
    })
}

fn cidr_of<'a>(heap: Heap<'a>, text: &str) -> std::result::Result<Cidr, EvalError<'a>> {
    Cidr::parse(text).ok_or_else(|| {
        heap.argument_error(&format!(
            "CIDR {text:?} parse error during conversion from string"
        ))
    })
}

fn is_ip<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    match arguments {
        [Value::String(text)] => Ok(Value::Bool(parse_ip(text).is_some())),
        _ => Err(heap.no_such_overload("isIP")),
    }
}

fn is_canonical<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    match arguments {
        [Value::String(text)] => Ok(Value::Bool(ip_of(heap, text)?.to_string() == **text)),
        _ => Err(heap.no_such_overload("ip.isCanonical")),
    }
}

fn family<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    match arguments {
        [Value::Object(Object::Ip(address))] => {
            Ok(Value::Int(if address.is_ipv4() { 4 } else { 6 }))
        }
        _ => Err(heap.no_such_overload("family")),
    }
}

fn test<'a>(heap: Heap<'a>, arguments: &[Value<'a>], holds: fn(&IpAddr) -> bool) -> Result<'a> {
    match arguments {
        [Value::Object(Object::Ip(address))] => Ok(Value::Bool(holds(address))),
        _ => Err(heap.no_such_overload("ip")),
    }
}

fn is_link_local_multicast(address: &IpAddr) -> bool {
    match address {
        IpAddr::V4(four) => four.octets()[..3] == [224, 0, 0],
        IpAddr::V6(six) => six.octets()[0] == 0xff && six.octets()[1] & 0x0f == 0x02,
    }
}

fn is_link_local_unicast(address: &IpAddr) -> bool {
    match address {
        IpAddr::V4(four) => four.is_link_local(),
        IpAddr::V6(six) => six.is_unicast_link_local(),
    }
}

/// As Go counts it: whatever is none of the special kinds; private addresses count.
fn is_global_unicast(address: &IpAddr) -> bool {
    let broadcast = matches!(address, IpAddr::V4(four) if four.is_broadcast());
    !(address.is_unspecified()
        || address.is_loopback()
        || address.is_multicast()
        || is_link_local_unicast(address)
        || broadcast)
}

fn cidr<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    match arguments {
        [Value::String(text)] => Ok(heap.object(Object::Cidr(cidr_of(heap, text)?))),
        _ => Err(heap.no_such_overload("cidr")),
    }
}

fn is_cidr<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    match arguments {
        [Value::String(text)] => Ok(Value::Bool(Cidr::parse(text).is_some())),
        _ => Err(heap.no_such_overload("isCIDR")),
    }
}

fn network<'a>(
    heap: Heap<'a>,
    arguments: &[Value<'a>],
    function: &'static str,
) -> std::result::Result<Cidr, EvalError<'a>> {
    match arguments.first() {
        Some(Value::Object(Object::Cidr(network))) => Ok(*network),
        _ => Err(heap.no_such_overload(function)),
    }
}

fn contains_ip<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    let network = network(heap, arguments, "containsIP")?;
    let address = match arguments.get(1) {
        Some(Value::Object(Object::Ip(address))) => *address,
        Some(Value::String(text)) => ip_of(heap, text)?,
        _ => return Err(heap.no_such_overload("containsIP")),
    };
    Ok(Value::Bool(network.contains(address)))
}

fn contains_cidr<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    let network = network(heap, arguments, "containsCIDR")?;
    let other = match arguments.get(1) {
        Some(Value::Object(Object::Cidr(other))) => *other,
        Some(Value::String(text)) => cidr_of(heap, text)?,
        _ => return Err(heap.no_such_overload("containsCIDR")),
    };
    let inside = network.prefix <= other.prefix && network.contains(other.masked().address);
    Ok(Value::Bool(inside))
}

fn cidr_ip<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    let network = network(heap, arguments, "ip")?;
    Ok(heap.object(Object::Ip(network.address)))
}

fn is_mask<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    let network = network(heap, arguments, "isMask")?;
    Ok(Value::Bool(network.masked().address == network.address))
}

fn masked<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    let network = network(heap, arguments, "masked")?;
    Ok(heap.object(Object::Cidr(network.masked())))
}

fn prefix_length<'a>(heap: Heap<'a>, arguments: &[Value<'a>]) -> Result<'a> {
    let network = network(heap, arguments, "prefixLength")?;
    Ok(Value::Int(i64::from(network.prefix)))
}
