//! What each room of core takes of a small device's flash and stack, read from a linked image and its debug data:
//! `anatomy IMAGE BUDGETS COLUMN`.
//!
//! A byte of code belongs to the innermost function of core that it was inlined from, so a room pays for what it calls from
//! libraries only where that was inlined. What libraries keep as functions of their own is a room too.

mod budgets;
mod image;

use budgets::Budgets;
use image::{Function, Image};
use std::collections::BTreeMap;
use std::process::ExitCode;

/// How many of the largest functions and frames are shown.
const SHOWN: usize = 40;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [image, budgets, column] = arguments.as_slice() else {
        eprintln!("usage: anatomy IMAGE BUDGETS COLUMN");
        return ExitCode::from(2);
    };
    match look(image, budgets, column) {
        Ok(faults) if faults.is_empty() => ExitCode::SUCCESS,
        Ok(faults) => {
            for fault in faults {
                eprintln!("{fault}");
            }
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

/// Prints the tables, and returns what is above its budget.
fn look(image: &str, budgets: &str, column: &str) -> Result<Vec<String>, String> {
    let text = std::fs::read_to_string(budgets).map_err(|error| format!("{budgets}: {error}"))?;
    let budgets = Budgets::read(&text, column).map_err(|error| format!("{budgets}: {error}"))?;
    let image = Image::read(image)?;
    print_rooms(&image.rooms, &budgets);
    print_functions(&image.functions);
    print_frames(&image.functions);
    Ok(budgets.exceeded(&image))
}

fn print_rooms(rooms: &BTreeMap<String, u64>, budgets: &Budgets) {
    println!("| room | code, bytes | at most |\n|---|---:|---:|");
    let mut rows: Vec<_> = rooms.iter().collect();
    rows.sort_by_key(|(_, size)| std::cmp::Reverse(**size));
    for (room, size) in rows {
        let budget = budgets.of(room).map_or_else(|| "none".to_owned(), |most| most.to_string());
        println!("| {room} | {size} | {budget} |");
    }
    println!("| all | {} | |", rooms.values().sum::<u64>());
}

fn print_functions(functions: &[Function]) {
    println!("\n| function, with what was inlined | code, bytes | copies |\n|---|---:|---:|");
    let mut rows: Vec<_> = functions.iter().collect();
    rows.sort_by_key(|function| std::cmp::Reverse(function.size));
    for function in rows.into_iter().take(SHOWN) {
        println!("| `{}` | {} | {} |", function.name, function.size, function.copies);
    }
    println!("| all | | {} |", functions.iter().map(|function| function.copies).sum::<usize>());
}

fn print_frames(functions: &[Function]) {
    println!("\n| function | frame, bytes of stack |\n|---|---:|");
    let mut rows: Vec<_> = functions.iter().collect();
    rows.sort_by_key(|function| std::cmp::Reverse(function.frame));
    for function in rows.into_iter().take(SHOWN / 2) {
        println!("| `{}` | {} |", function.name, function.frame);
    }
}
