//! `geoPoint`: a place on the earth, by its latitude and longitude in degrees (WGS 84).
//!
//! Beside the two, the point of the unit sphere is kept in three columns that no caller sees: whether two
//! places are near each other is then a sum of three squares, which both databases compute to the same
//! bit, and the antimeridian and the poles are nothing special.

use serde_json::{Value as Json, json};

use super::{FieldType, Limits, Operator, Part, Presence, Scalar, Settings, composite, float};
use crate::value::{Storage, Value};

/// The mean radius of the earth in metres (IUGG).
const EARTH: f64 = 6_371_008.8;
/// The squared chord of a circle that holds every place, with room for what rounding does.
pub(crate) const EVERYWHERE: f64 = 5.0;

/// A place.
#[derive(Debug)]
pub(super) struct GeoPoint;

impl FieldType for GeoPoint {
    fn name(&self) -> &'static str {
        "geoPoint"
    }

    fn parts(&self, _: &Settings) -> Vec<Part> {
        let degrees = |names| {
            let (storage, scalar) = (Storage::Float, Scalar::Float);
            Part::member(names, storage, scalar, Presence::Required)
        };
        let hidden = |suffix| Part::hidden(suffix, Storage::Float, Scalar::Float);
        vec![
            degrees(("latitude", "")),
            degrees(("longitude", "_longitude")),
            hidden("_x"),
            hidden("_y"),
            hidden("_z"),
        ]
    }

    fn operators(&self) -> Option<&'static [Operator]> {
        Some(&[Operator::Within, Operator::Box, Operator::IsNull])
    }

    fn parse_part(&self, _: &Settings, part: usize, json: &Json) -> Result<Value, String> {
        let number = float::parse(json)?;
        let limit = most(part);
        if number.abs() > limit {
            return Err(format!("must be from -{limit} to {limit} degrees"));
        }
        Ok(Value::Float(number))
    }

    fn parse_value(&self, settings: &Settings, json: &Json) -> Result<Vec<Value>, String> {
        let mut values = composite::parse(self, settings, json)?;
        if let [Value::Float(latitude), Value::Float(longitude), x, y, z] = values.as_mut_slice() {
            let [east, north, up] = unit_vector(*latitude, *longitude);
            (*x, *y, *z) = (Value::Float(east), Value::Float(north), Value::Float(up));
        }
        Ok(values)
    }

    fn limits(&self, _: &Settings, part: usize) -> Limits {
        match part {
            0 | 1 => Limits::between(-most(part), most(part)),
            _ => Limits::default(),
        }
    }

    fn example(&self, _: &Settings) -> Json {
        json!({"latitude": 52.379, "longitude": 4.9})
    }
}

/// The most degrees of the latitude, or of the longitude.
fn most(part: usize) -> f64 {
    if part == 0 { 90.0 } else { 180.0 }
}

/// The point of the unit sphere at these degrees. Zero has no sign: SQLite keeps none.
pub(crate) fn unit_vector(latitude: f64, longitude: f64) -> [f64; 3] {
    let (latitude, longitude) = (latitude.to_radians(), longitude.to_radians());
    let (x, y) = (longitude.cos(), longitude.sin());
    [x * latitude.cos(), y * latitude.cos(), latitude.sin()].map(|number| number + 0.0)
}

/// The square of the straight line through the unit sphere between places this many metres apart.
pub(crate) fn chord_squared(metres: f64) -> f64 {
    let angle = metres / EARTH;
    if angle >= std::f64::consts::PI {
        return EVERYWHERE;
    }
    let chord = 2.0 * (angle / 2.0).sin();
    chord * chord
}
