//! Values of the new type, as JSON that it parses.

use rust_decimal::{Decimal, RoundingStrategy, prelude::ToPrimitive};
use serde_json::{Value as Json, json};

use super::{Conversion, Form, Settings, write::Sent};
use crate::value::Storage;

/// Words that mean yes, and those that mean no, whatever their case.
const YES: &[&str] = &["true", "yes", "1"];
const NO: &[&str] = &["false", "no", "0"];

/// The value as it could be sent to the new type; nothing where it says nothing. The message says why it
/// does not fit.
pub(super) fn received(conversion: &Conversion<'_>, sent: &Sent) -> Result<Option<Json>, String> {
    let to = conversion.forms.1;
    if to == Form::Text {
        return Ok(Some(Json::from(sent.to_text())));
    }
    if says_nothing(sent) {
        return Ok(None);
    }
    match to {
        Form::Text | Form::Line => Ok(Json::from(sent.to_text())),
        Form::Code | Form::Time => Ok(Json::from(sent.to_text().trim())),
        Form::Choice => choice(conversion.to.1, sent),
        Form::Choices => choices(conversion.to.1, sent),
        Form::List => Ok(Json::from(items(sent))),
        Form::Whole | Form::Exact => number(conversion, sent),
        Form::Float => float(conversion, sent),
        Form::Money => money(conversion, sent),
        Form::Boolean => flag(sent).map(Json::Bool),
        Form::Date => Ok(Json::from(day(conversion.forms.0, sent))),
        Form::Instant => Ok(Json::from(instant(sent))),
        Form::Json => serde_json::from_str(&sent.to_text()).map_err(|_| "is no JSON".to_owned()),
    }
    .map(Some)
}

/// Whether it is a blank text or an empty list. Blanks are spaces, as for the databases.
fn says_nothing(sent: &Sent) -> bool {
    match sent {
        Sent::Text(text) => text.trim_matches(' ').is_empty(),
        Sent::Items(items) => items.is_empty(),
        Sent::Number(..) | Sent::Amount(..) | Sent::Float(_) | Sent::Flag(_) => false,
    }
}

/// The option with this name; or the only one with this label, whatever the case.
fn option(settings: &Settings, text: &str) -> Result<String, String> {
    let text = text.trim();
    let options = &settings.options;
    if let Some(named) = options.iter().find(|option| option.name == text) {
        return Ok(named.name.clone());
    }
    let wanted = text.to_lowercase();
    let fits = |it: &&super::super::FieldOption| {
        it.name.to_lowercase() == wanted || it.label.to_lowercase() == wanted
    };
    let mut labelled = options.iter().filter(fits);
    match (labelled.next(), labelled.next()) {
        (Some(only), None) => Ok(only.name.clone()),
        (Some(_), Some(_)) => Err(format!("{text:?} is the label of several options")),
        (None, _) => Err(format!("there is no option {text:?}")),
    }
}

fn choice(settings: &Settings, sent: &Sent) -> Result<Json, String> {
    let found = match sent {
        Sent::Flag(flag) => {
            let words = if *flag { YES } else { NO };
            let mut found = words.iter().filter_map(|word| option(settings, word).ok());
            found
                .next()
                .ok_or_else(|| format!("there is no option {:?}", words[0]))
        }
        Sent::Items(items) => match items.as_slice() {
            [only] => option(settings, only),
            more => Err(format!("has {} items, of which one could stay", more.len())),
        },
        Sent::Text(_) | Sent::Number(..) | Sent::Amount(..) | Sent::Float(_) => {
            option(settings, &sent.to_text())
        }
    };
    found.map(Json::from)
}

fn choices(settings: &Settings, sent: &Sent) -> Result<Json, String> {
    let found = items(sent)
        .into_iter()
        .map(|item| option(settings, &item).map(Json::from));
    found.collect()
}

/// The items of a list; of a text the pieces between commas, semicolons and ends of lines.
fn items(sent: &Sent) -> Vec<String> {
    if let Sent::Items(items) = sent {
        return items.clone();
    }
    let text = sent.to_text();
    let pieces = text.split([',', ';', '\n', '\r']).map(str::trim);
    let pieces = pieces.filter(|piece| !piece.is_empty());
    pieces.map(str::to_owned).collect()
}

/// A value as an exact number; of an amount only in the currency that the conversion is about.
fn exact(conversion: &Conversion<'_>, sent: &Sent) -> Result<Decimal, String> {
    match sent {
        Sent::Number(number, _) => Ok(*number),
        Sent::Amount(amount, currency) => match &conversion.rules.currency {
            Some(wanted) if wanted == currency => Ok(*amount),
            Some(wanted) => Err(format!("is in {currency}, not in {wanted}")),
            None => Err(format!("is in {currency}")),
        },
        Sent::Flag(flag) => Ok(Decimal::from(u8::from(*flag))),
        Sent::Text(_) | Sent::Float(_) | Sent::Items(_) => {
            let text = sent.to_text();
            let text = text.trim();
            let parsed = if text.contains(['e', 'E']) {
                Decimal::from_scientific(text)
            } else {
                Decimal::from_str_exact(text)
            };
            let plain = !text.contains(['_', '+']);
            parsed
                .ok()
                .filter(|_| plain)
                .ok_or_else(|| "is no number, or has too many digits".to_owned())
        }
    }
}

fn number(conversion: &Conversion<'_>, sent: &Sent) -> Result<Json, String> {
    let mut number = exact(conversion, sent)?.normalize();
    let parts = conversion.to.0.parts(conversion.to.1);
    let storage = parts.first().map(|part| part.storage);
    let digits = match storage {
        Some(Storage::Decimal { scale, .. }) => u32::from(scale),
        _ => 0,
    };
    if conversion.rules.round {
        let half_away = RoundingStrategy::MidpointAwayFromZero;
        number = number.round_dp_with_strategy(digits, half_away).normalize();
    }
    if let Some(Storage::Decimal { .. }) = storage {
        return Ok(Json::from(number.to_string()));
    }
    if number.scale() > 0 {
        return Err("has digits after the point; `round` would round it".to_owned());
    }
    let whole = number.to_i64().map(Json::from);
    whole.ok_or_else(|| "has too many digits".to_owned())
}

fn float(conversion: &Conversion<'_>, sent: &Sent) -> Result<Json, String> {
    if let Sent::Float(number) = sent {
        return Ok(Json::from(*number));
    }
    let text = match sent {
        Sent::Text(text) => text.trim().to_owned(),
        Sent::Number(..) | Sent::Amount(..) | Sent::Float(_) | Sent::Flag(_) | Sent::Items(_) => {
            exact(conversion, sent)?.to_string()
        }
    };
    let number: Option<f64> = text.parse().ok();
    let number = number.filter(|number| number.is_finite());
    number
        .map(Json::from)
        .ok_or_else(|| "is no number".to_owned())
}

/// An amount: of a text `12.50 EUR`, or a number alone where the conversion says the currency.
fn money(conversion: &Conversion<'_>, sent: &Sent) -> Result<Json, String> {
    let text = sent.to_text();
    let told = conversion.rules.currency.clone();
    let (amount, currency) = match (sent, text.trim().split_once(' ')) {
        (Sent::Text(_), Some((amount, currency))) => {
            let sent = Sent::Text(amount.to_owned());
            (exact(conversion, &sent)?, Some(currency.trim().to_owned()))
        }
        _ => (exact(conversion, sent)?, told),
    };
    let mut amount = amount.normalize();
    let parts = conversion.to.0.parts(conversion.to.1);
    if let Some(Storage::Decimal { scale, .. }) = parts.first().map(|part| part.storage)
        && conversion.rules.round
    {
        let half_away = RoundingStrategy::MidpointAwayFromZero;
        amount = amount.round_dp_with_strategy(u32::from(scale), half_away);
    }
    let currency = currency.ok_or("has no currency, such as in \"12.50 EUR\"")?;
    Ok(json!({"amount": amount.to_string(), "currency": currency}))
}

fn flag(sent: &Sent) -> Result<bool, String> {
    let text = match sent {
        Sent::Flag(flag) => return Ok(*flag),
        Sent::Number(number, _) => number.normalize().to_string(),
        Sent::Text(_) | Sent::Amount(..) | Sent::Float(_) | Sent::Items(_) => {
            sent.to_text().trim().to_lowercase()
        }
    };
    if YES.contains(&text.as_str()) {
        Ok(true)
    } else if NO.contains(&text.as_str()) {
        Ok(false)
    } else {
        Err("is none of true, yes, 1, false, no, 0".to_owned())
    }
}

/// The day of a text; of an instant the one in UTC.
fn day(from: Form, sent: &Sent) -> String {
    let text = sent.to_text();
    if from == Form::Instant {
        return text.chars().take(10).collect();
    }
    text.trim().to_owned()
}

/// The instant of a text; of a day its first one in UTC.
fn instant(sent: &Sent) -> String {
    let text = sent.to_text();
    let text = text.trim();
    if text.len() == 10 {
        return format!("{text}T00:00:00Z");
    }
    text.to_owned()
}
