//! `plimsoll diff`

use plimsoll_report::compare::{Difference, render};

use crate::arguments::{DiffArguments, ListFormat};
use crate::exit::{Exit, Failure};
use crate::output;
use crate::scan::read_report;

pub(crate) fn run(arguments: &DiffArguments) -> Result<Exit, Failure> {
    let old = read_report(&arguments.old)?;
    let new = read_report(&arguments.new)?;
    let difference = Difference::new(&old, &new);
    match arguments.format {
        ListFormat::Json => output::json(&difference)?,
        ListFormat::Console => {
            output::results(&render(&difference, output::look(&arguments.look)))?;
        }
    }
    Ok(Exit::Done)
}
