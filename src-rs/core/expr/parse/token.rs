//! Tokens of an equation, with their positions.

use lapicque_base::error::{Error, Result};

#[derive(Debug, Clone, PartialEq)]
pub enum Token {
    Number(f64),
    Name(String),
    /// An operator, parenthesis or comma.
    Sign(&'static str),
    /// A semicolon, or the end of a line after which a name begins the next statement.
    Break,
    End,
}

/// A token with its range of characters.
#[derive(Debug, Clone, PartialEq)]
pub struct Word {
    pub token: Token,
    pub at: usize,
    pub end: usize,
}

impl Token {
    pub fn describe(&self) -> String {
        match self {
            Token::Number(x) => format!("{x}"),
            Token::Name(name) => format!("\"{}\"", name.chars().take(80).collect::<String>()),
            Token::Sign(sign) => format!("\"{sign}\""),
            Token::Break => "the end of the statement".into(),
            Token::End => "the end".into(),
        }
    }
}

/// Longer signs come before their prefixes.
const SIGNS: &[&str] = &[
    ">=", "<=", "==", "!=", "+=", "-=", "*=", "/=", "&&", "||", ">", "<", "+", "-", "*", "/", "^", "(", ")",
    "[", "]", ",", "=", "'", "!",
];

/// The tokens of `text`; the last is the end. `#` begins a comment.
pub fn words(text: &str) -> Result<Vec<Word>> {
    let chars: Vec<char> = text.chars().collect();
    let mut words: Vec<Word> = Vec::new();
    let (mut at, mut depth) = (0, 0_usize);
    let mut line_ended = None;
    while at < chars.len() {
        let first = chars[at];
        if first == '\n' {
            line_ended = line_ended.or((depth == 0).then_some(at));
            at += 1;
            continue;
        } else if first.is_whitespace() {
            at += 1;
            continue;
        } else if first == '#' {
            at += chars[at..].iter().take_while(|c| **c != '\n').count();
            continue;
        }
        let (token, end) = token(text, &chars, at)?;
        if let Some(position) = line_ended.take()
            && ends_statement(words.last(), &token)
        {
            words.push(Word { token: Token::Break, at: position, end: position });
        }
        match token {
            Token::Sign("(" | "[") => depth += 1,
            Token::Sign(")" | "]") => depth = depth.saturating_sub(1),
            _ => {}
        }
        words.push(Word { token, at, end });
        at = end;
    }
    words.push(Word { token: Token::End, at: chars.len(), end: chars.len() });
    Ok(words)
}

/// Whether a line break between these two tokens ends a statement. A statement continues if the line ends with an operator, or
/// if the next line begins with one.
fn ends_statement(last: Option<&Word>, next: &Token) -> bool {
    let complete = match last.map(|word| &word.token) {
        Some(Token::Number(_)) | Some(Token::Sign(")" | "]" | "'")) => true,
        Some(Token::Name(name)) => !is_operator(name),
        _ => false,
    };
    complete && matches!(next, Token::Name(name) if !is_operator(name))
}

fn is_operator(name: &str) -> bool {
    matches!(name, "and" | "or" | "not")
}

fn token(text: &str, chars: &[char], at: usize) -> Result<(Token, usize)> {
    let first = chars[at];
    if first == ';' {
        return Ok((Token::Break, at + 1));
    }
    if first.is_ascii_digit() || (first == '.' && digit(chars, at + 1)) {
        let end = number_end(chars, at);
        let word: String = chars[at..end].iter().collect();
        let value: f64 = word.parse().map_err(|_| error(text, at, format!("\"{word}\" is not a number")))?;
        if !value.is_finite() {
            return Err(error(text, at, format!("{word} is too large a number")));
        }
        return Ok((Token::Number(value), end));
    }
    if first.is_alphabetic() || first == '_' {
        let rest = chars[at..].iter().take_while(|c| c.is_alphanumeric() || **c == '_' || **c == '.');
        let word: String = rest.collect();
        let end = at + word.chars().count();
        return Ok((Token::Name(word), end));
    }
    if chars[at..].starts_with(&['*', '*']) {
        return Err(error(text, at, "a power is written ^ here, not **"));
    }
    let starts = |sign: &&&str| sign.chars().enumerate().all(|(i, c)| chars.get(at + i) == Some(&c));
    match SIGNS.iter().find(starts) {
        Some(sign) => Ok((Token::Sign(sign), at + sign.len())),
        None if first == ':' => {
            Err(error(text, at, "\":\" has no meaning here: units stand with states and parameters"))
        }
        None => Err(error(text, at, format!("\"{}\" has no meaning here", first.escape_debug()))),
    }
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

/// An error at character `at`, showing the line with a mark below.
pub fn error(text: &str, at: usize, reason: impl Into<String>) -> Error {
    let before: Vec<char> = text.chars().take(at).collect();
    let line = before.iter().filter(|c| **c == '\n').count();
    let column = before.iter().rev().take_while(|c| **c != '\n').count();
    // For a very long line, only the part around the mark.
    let from = column.saturating_sub(60);
    let source: String = text.lines().nth(line).unwrap_or("").chars().skip(from).take(120).collect();
    let frame = format!("{source}\n{}^", " ".repeat(column - from));
    Error::Equation { line: line + 1, column: column + 1, reason: reason.into(), frame }
}
