//! Words of an equation, each with its place.

use crate::error::{Error, Result};

#[derive(Debug, Clone, PartialEq)]
pub enum Token {
    Number(f64),
    Name(String),
    /// An operator, parenthesis or comma.
    Sign(&'static str),
    End,
}

impl Token {
    pub fn describe(&self) -> String {
        match self {
            Token::Number(x) => format!("{x}"),
            Token::Name(name) => format!("\"{name}\""),
            Token::Sign(sign) => format!("\"{sign}\""),
            Token::End => "the end".into(),
        }
    }
}

/// Longer signs before their beginnings.
const SIGNS: &[&str] = &[">=", "<=", ">", "<", "+", "-", "*", "/", "^", "(", ")", ","];

/// The tokens of `text` with the character position of each; the last is the end.
pub fn tokens(text: &str) -> Result<Vec<(Token, usize)>> {
    let chars: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let first = chars[at];
        if first.is_whitespace() {
            at += 1;
        } else if first.is_ascii_digit() || (first == '.' && digit(&chars, at + 1)) {
            let end = number_end(&chars, at);
            let word: String = chars[at..end].iter().collect();
            let value: f64 =
                word.parse().map_err(|_| error(text, at, format!("\"{word}\" is not a number")))?;
            if !value.is_finite() {
                return Err(error(text, at, format!("{word} is too large a number")));
            }
            tokens.push((Token::Number(value), at));
            at = end;
        } else if first.is_alphabetic() || first == '_' {
            let rest = chars[at..].iter().take_while(|c| c.is_alphanumeric() || **c == '_' || **c == '.');
            let word: String = rest.collect();
            let end = at + word.chars().count();
            tokens.push((Token::Name(word), at));
            at = end;
        } else {
            let starts = |sign: &&&str| sign.chars().enumerate().all(|(i, c)| chars.get(at + i) == Some(&c));
            let sign = SIGNS.iter().find(starts).ok_or_else(|| {
                error(text, at, format!("\"{}\" has no meaning here", first.escape_debug()))
            })?;
            tokens.push((Token::Sign(sign), at));
            at += sign.len();
        }
    }
    tokens.push((Token::End, chars.len()));
    Ok(tokens)
}

fn digit(chars: &[char], at: usize) -> bool {
    chars.get(at).is_some_and(char::is_ascii_digit)
}

fn number_end(chars: &[char], from: usize) -> usize {
    let digits = |mut at: usize| {
        while digit(chars, at) {
            at += 1;
        }
        at
    };
    let mut end = digits(from);
    if chars.get(end) == Some(&'.') {
        end = digits(end + 1);
    }
    if matches!(chars.get(end), Some('e' | 'E')) {
        let sign = usize::from(matches!(chars.get(end + 1), Some('+' | '-')));
        if digit(chars, end + 1 + sign) {
            end = digits(end + 1 + sign);
        }
    }
    end
}

/// An equation error at character `at`, with the line it is in and a mark below.
pub fn error(text: &str, at: usize, reason: impl Into<String>) -> Error {
    let before: Vec<char> = text.chars().take(at).collect();
    let line = before.iter().filter(|c| **c == '\n').count();
    let column = before.iter().rev().take_while(|c| **c != '\n').count();
    // Of a very long line, the part around the mark.
    let from = column.saturating_sub(60);
    let source: String = text.lines().nth(line).unwrap_or("").chars().skip(from).take(120).collect();
    let frame = format!("{source}\n{}^", " ".repeat(column - from));
    Error::Equation { line: line + 1, column: column + 1, reason: reason.into(), frame }
}
