//! The text before the events of Prophesee's files: lines that begin with `% `.

use crate::format::Sensor;

pub struct RawHeader {
    /// Names and values, in the order of the file.
    pub fields: Vec<(String, String)>,
    /// Offset of the first event.
    pub end: usize,
}

/// Maximum length of a line.
const MAX_LINE: usize = 4096;

impl RawHeader {
    /// The header ends with the line `% end`, or before the first line that does not begin with `% `. Events may begin with a
    /// `%`, but hardly with a space and a line of text after it.
    pub fn read(head: &[u8]) -> Self {
        let mut header = RawHeader { fields: Vec::new(), end: 0 };
        while let Some(line) = next_line(&head[header.end..]) {
            header.end += line.len() + 1;
            let text = String::from_utf8_lossy(&line[1..]);
            let text = text.trim();
            if text.eq_ignore_ascii_case("end") {
                break;
            }
            let (name, value) = text.split_once([' ', ':']).unwrap_or((text, ""));
            header.fields.push((name.to_string(), value.trim().to_string()));
        }
        header
    }

    /// The last of several lines with this name is used.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().rev().find(|(own, _)| own.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// `evt 3.0`, or `format EVT3;height=720;width=1280`.
    pub fn is_evt(&self, version: &str, name: &str) -> bool {
        match self.get("format") {
            Some(format) => format.split(';').next().is_some_and(|own| own.trim().eq_ignore_ascii_case(name)),
            None => self.get("evt").is_some_and(|own| own == version),
        }
    }

    /// An option of the line `format`.
    pub fn format_option(&self, name: &str) -> Option<&str> {
        let options = self.get("format")?.split(';').skip(1);
        options
            .filter_map(|option| option.split_once('='))
            .find(|(own, _)| own.trim() == name)
            .map(|(_, v)| v.trim())
    }

    pub fn sensor(&self) -> Option<Sensor> {
        let of = |width: Option<&str>, height: Option<&str>| {
            Some(Sensor { width: width?.parse().ok()?, height: height?.parse().ok()? })
        };
        of(self.format_option("width"), self.format_option("height"))
            .or_else(|| self.get("geometry")?.split_once('x').and_then(|(w, h)| of(Some(w), Some(h))))
            .or_else(|| of(self.get("width"), self.get("height")))
            .filter(|sensor| sensor.width > 0 && sensor.height > 0)
    }

    /// Microseconds to be added to all times; written by faery.
    pub fn origin(&self) -> i64 {
        let t0 = self.get("t0").and_then(|text| text.parse().ok());
        t0.filter(|t0: &i64| (0..1 << 50).contains(t0)).unwrap_or(0)
    }
}

/// The next line without its end.
fn next_line(rest: &[u8]) -> Option<&[u8]> {
    let is_text = |line: &[u8]| line.iter().all(|&byte| byte >= 0x20 || byte == b'\t' || byte == b'\r');
    // A single `%` is a line too.
    rest.strip_prefix(b"%")?;
    let len = rest.iter().take(MAX_LINE).position(|&byte| byte == b'\n')?;
    let line = &rest[..len];
    let begins = matches!(line.get(1), None | Some(b' ' | b'\t' | b'\r'));
    (begins && is_text(line) && std::str::from_utf8(line).is_ok()).then_some(line)
}

/// The header of a file to be written.
pub fn evt_header(version: &str, name: &str, options: &str, sensor: Option<Sensor>) -> Vec<u8> {
    let mut text = format!("% evt {version}\n% format {name}{options}");
    if let Some(Sensor { width, height }) = sensor {
        text += &format!(";height={height};width={width}\n% geometry {width}x{height}");
    }
    text += "\n% end\n";
    text.into_bytes()
}
