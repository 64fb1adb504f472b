//! `plimsoll man`

use clap::CommandFactory;

use crate::arguments::Arguments;
use crate::exit::{Exit, Failure};
use crate::output;

pub(crate) fn run() -> Result<Exit, Failure> {
    let manual = clap_mangen::Man::new(Arguments::command());
    output::write_results(|out| manual.render(&mut &mut *out))?;
    Ok(Exit::Done)
}
