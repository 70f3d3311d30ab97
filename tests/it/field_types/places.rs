//! Places: circles and boxes, at the antimeridian and at the poles.

use serde_json::{Value as Json, json};

use crate::support::{Client, TestApp};

const PLACES: &[(&str, f64, f64)] = &[
    ("Amsterdam", 52.3791, 4.8994),
    ("Utrecht", 52.0893, 5.1101),
    ("Suva", -18.1416, 178.4419),
    ("Apia", -13.8333, -171.7667),
    ("North Pole", 90.0, 0.0),
    ("Longyearbyen", 78.2232, 15.6267),
    ("Wrangel", 71.0, 180.0),
    ("Null Island", 0.0, -0.0),
];

async fn places(app: &TestApp) -> Client {
    let admin = app.admin();
    let fields = json!([{"name": "name", "type": "text"}, {"name": "spot", "type": "geoPoint"}]);
    let place =
        json!({"op": "addObjectType", "name": "place", "plural": "places", "fields": fields});
    admin.change(json!([place])).await.ok();
    for (name, latitude, longitude) in PLACES {
        let spot = json!({"latitude": latitude, "longitude": longitude});
        admin
            .make("places", json!({"name": name, "spot": spot}))
            .await;
    }
    admin.make("places", json!({"name": "nowhere"})).await;
    admin
}

fn circle(latitude: f64, longitude: f64, radius: f64) -> Json {
    let center = json!({"latitude": latitude, "longitude": longitude});
    json!({"within": {"center": center, "radius": radius}})
}

async fn check(admin: &Client, filter: &Json, expected: &[&str]) {
    let found = admin
        .filter("places", &json!({"spot": filter}), "sort=name")
        .await;
    assert_eq!(found.column("name"), expected, "{filter}\n{found}");
}

#[tokio::test]
async fn a_circle_holds_what_is_near_whatever_its_longitude() {
    let app = TestApp::start().await;
    let admin = places(&app).await;
    // Amsterdam and Utrecht are 35.3 km apart, Suva and Apia 1,145 km across the antimeridian.
    check(&admin, &circle(52.3791, 4.8994, 35_000.0), &["Amsterdam"]).await;
    check(
        &admin,
        &circle(52.3791, 4.8994, 36_000.0),
        &["Amsterdam", "Utrecht"],
    )
    .await;
    check(&admin, &circle(-18.1416, 178.4419, 1_100_000.0), &["Suva"]).await;
    check(
        &admin,
        &circle(-18.1416, 178.4419, 1_200_000.0),
        &["Apia", "Suva"],
    )
    .await;
    check(&admin, &circle(71.0, -180.0, 0.001), &["Wrangel"]).await;
    check(
        &admin,
        &circle(89.0, 120.0, 1_400_000.0),
        &["Longyearbyen", "North Pole"],
    )
    .await;
    check(&admin, &circle(0.0, 0.0, 0.0), &["Null Island"]).await;
    let all = [
        "Amsterdam",
        "Apia",
        "Longyearbyen",
        "North Pole",
        "Null Island",
        "Suva",
        "Utrecht",
        "Wrangel",
    ];
    check(&admin, &circle(10.0, 20.0, 20_100_000.0), &all).await;
}

#[tokio::test]
async fn a_box_may_lie_across_the_antimeridian() {
    let app = TestApp::start().await;
    let admin = places(&app).await;
    let edges = |south: f64, west: f64, north: f64, east: f64| json!({"box": {"south": south, "west": west, "north": north, "east": east}});
    check(
        &admin,
        &edges(50.0, 3.0, 54.0, 7.0),
        &["Amsterdam", "Utrecht"],
    )
    .await;
    check(&admin, &edges(-20.0, 170.0, 0.0, -170.0), &["Apia", "Suva"]).await;
    check(&admin, &edges(-20.0, -170.0, 0.0, 170.0), &["Null Island"]).await;
    let not = json!({"not": {"spot": edges(-90.0, -180.0, 60.0, 180.0)}});
    let found = admin.filter("places", &not, "sort=name").await;
    assert_eq!(
        found.column("name"),
        ["Longyearbyen", "North Pole", "Wrangel", "nowhere"]
    );
}

#[tokio::test]
async fn a_circle_in_a_query_string_is_its_json() {
    let app = TestApp::start().await;
    let admin = places(&app).await;
    let circle = circle(52.3791, 4.8994, 1_000.0)["within"].to_string();
    let found = admin
        .list("places", &format!("spot[within]={circle}&fields=name"))
        .await;
    assert_eq!(found.column("name"), ["Amsterdam"]);
    let by_part = admin
        .list("places", "spot.latitude[gt]=78.5&fields=name")
        .await;
    assert_eq!(by_part.column("name"), ["North Pole"]);
}

#[tokio::test]
async fn what_is_no_circle_and_no_box_is_refused() {
    let app = TestApp::start().await;
    let admin = places(&app).await;
    for filter in [
        json!({"within": {"center": {"latitude": 0, "longitude": 0}}}),
        json!({"within": {"center": {"latitude": 0, "longitude": 0}, "radius": -1}}),
        json!({"within": {"center": {"latitude": 91, "longitude": 0}, "radius": 1}}),
        json!({"within": {"center": [0, 0], "radius": 1}}),
        json!({"within": null}),
        json!({"box": {"south": 1, "west": 0, "north": 0, "east": 0}}),
        json!({"box": {"south": 0, "west": 0, "north": 0}}),
        json!({"eq": {"latitude": 0, "longitude": 0}}),
        json!({"x": {"gt": 0}}),
    ] {
        let answer = admin.filter("places", &json!({"spot": filter}), "").await;
        assert!(matches!(answer.code(), 400 | 422), "{answer}");
    }
    for sort in ["spot", "spot.x", "spot.center"] {
        let answer = admin.list("places", &format!("sort={sort}")).await;
        assert_eq!(answer.code(), 400, "{answer}");
    }
}
