//! Every route in one list, and the layers around them in order.

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware,
    routing::{delete, get, patch, post},
};
use http::{HeaderName, Method, header};
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::CompressionLayer,
    cors::{AllowOrigin, CorsLayer},
};

use crate::{
    assets,
    code::Code,
    config::Config,
    frame, graphql, limits, openapi,
    problem::Problem,
    rest::{
        access, audit, auth, changesets, currencies, deleted, describe, fields, graph, health,
        identities, indexes, jobs, keys, links, object_types, oidc, option_lists, partners,
        passwords, records, relation_types, roles, rules, sessions, shares, teams, totp, users,
        verify,
    },
    state::AppState,
};

/// The whole service.
pub fn app(state: AppState) -> Router {
    let cors = cors(&state.config);
    // The last layer is the outermost: it sees the request first and the answer last.
    routes()
        .fallback(no_route)
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(state.config.body_limit))
        .layer(CatchPanicLayer::custom(frame::answer_panic))
        .layer(middleware::from_fn_with_state(state.clone(), limits::limit))
        .layer(tower::util::option_layer(cors))
        .layer(middleware::from_fn_with_state(state.clone(), frame::frame))
        .layer(CompressionLayer::new())
        .with_state(state)
}

#[rustfmt::skip]
fn routes() -> Router<AppState> {
    Router::new()
        .route("/healthz", get(health::show_process))
        .route("/readyz", get(health::show_readiness))
        .route("/openapi.json", get(openapi::show_document))
        .route("/docs", get(assets::redirect_docs))
        .route("/docs/", get(assets::show_docs))
        .route("/docs/{file}", get(assets::show_docs_file))
        .route("/graphiql", get(assets::redirect_graphiql))
        .route("/graphiql/", get(assets::show_graphiql))
        .route("/graphiql/{file}", get(assets::show_graphiql_file))
        .route("/graphql", post(graphql::answer_graphql))
        .route("/.well-known/jwks.json", get(auth::show_public_keys))
        .route("/v1/auth/login", post(auth::login))
        .route("/v1/auth/refresh", post(auth::refresh))
        .route("/v1/auth/logout", post(auth::logout))
        .route("/v1/auth/me", get(auth::show_me))
        .route("/v1/auth/login/verify", post(totp::verify))
        .route("/v1/auth/totp", post(totp::begin).delete(totp::remove))
        .route("/v1/auth/totp/confirm", post(totp::confirm))
        .route("/v1/auth/password/forgot", post(passwords::forget))
        .route("/v1/auth/password/reset", post(passwords::reset))
        .route("/v1/auth/password/change", post(passwords::change))
        .route("/v1/auth/oidc", get(oidc::list_providers))
        .route("/v1/auth/oidc/{provider}/start", post(oidc::start))
        .route("/v1/auth/oidc/{provider}/finish", post(oidc::finish))
        .route("/v1/auth/sessions", get(sessions::list_own_sessions))
        .route("/v1/auth/sessions/{id}", delete(sessions::revoke_own_session))
        .route("/v1/meta/users", get(users::list_users).post(users::create_user))
        .route("/v1/meta/users/{id}", get(users::show_user).patch(users::update_user).delete(users::delete_user))
        .route("/v1/meta/users/{id}/invite", post(users::invite_user))
        .route("/v1/meta/users/{id}/totp", delete(totp::reset))
        .route("/v1/meta/users/{id}/identities", get(identities::list_identities).post(identities::link_identity))
        .route("/v1/meta/users/{id}/identities/{identity}", get(identities::show_identity).delete(identities::unlink_identity))
        .route("/v1/meta/users/{id}/sessions", get(sessions::list_sessions).delete(sessions::revoke_all_sessions))
        .route("/v1/meta/users/{id}/sessions/{session}", delete(sessions::revoke_session))
        .route("/v1/meta/roles", get(roles::list_roles).post(roles::create_role))
        .route("/v1/meta/roles/{role}", get(roles::show_role).patch(roles::update_role).delete(roles::delete_role))
        .route("/v1/meta/roles/{role}/rules", get(rules::list_rules).post(rules::create_rule))
        .route("/v1/meta/roles/{role}/rules/{rule}", get(rules::show_rule).put(rules::replace_rule).delete(rules::delete_rule))
        .route("/v1/meta/teams", get(teams::list_teams).post(teams::create_team))
        .route("/v1/meta/teams/{team}", get(teams::show_team).patch(teams::update_team).delete(teams::delete_team))
        .route("/v1/meta/partners", get(partners::list_partners).post(partners::create_partner))
        .route("/v1/meta/partners/{id}", get(partners::show_partner).patch(partners::update_partner))
        .route("/v1/meta/keys", get(keys::list_keys).post(keys::create_key))
        .route("/v1/meta/keys/{id}", get(keys::show_key).patch(keys::update_key).delete(keys::revoke_key))
        .route("/v1/meta/keys/{id}/rotate", post(keys::rotate_key))
        .route("/v1/data/{objects}", get(records::list_records).post(records::create_record))
        .route("/v1/data/{objects}/query", post(records::query_records))
        .route("/v1/data/{objects}/{id}", get(records::show_record).patch(records::update_record).delete(records::delete_record))
        .route("/v1/data/{objects}/{id}/restore", post(records::restore_record))
        .route("/v1/data/{objects}/{id}/related", get(graph::show_related))
        .route("/v1/data/{objects}/{id}/path", get(graph::show_path))
        .route("/v1/data/{objects}/{id}/{collection}", get(links::list_members).post(links::create_link).put(links::set_members).patch(links::change_members))
        .route("/v1/data/{objects}/{id}/{relation}/{link}", patch(links::update_link).delete(links::delete_link))
        .merge(rule_sets())
        .merge(meta())
}

/// Roles and rules as a whole, as they are and were.
#[rustfmt::skip]
fn rule_sets() -> Router<AppState> {
    Router::new()
        .route("/v1/meta/access", get(access::show_access))
        .route("/v1/meta/access/preview", post(access::preview_access))
        .route("/v1/meta/access/apply", post(access::apply_access))
        .route("/v1/meta/access/restore", post(access::restore_access))
        .route("/v1/meta/access/versions", get(access::list_access_versions))
        .route("/v1/meta/access/explain", post(access::explain_access))
}

/// The schema: what it is, and changes of it; shares, and the audit log.
#[rustfmt::skip]
fn meta() -> Router<AppState> {
    use {changesets as c, currencies as m, deleted as x, describe as d, fields as f, jobs as j, object_types as o, option_lists as l, relation_types as r, verify as v};
    Router::new()
        .route("/v1/meta/shares", get(shares::list_shares).post(shares::create_share))
        .route("/v1/meta/shares/{id}", get(shares::show_share).delete(shares::delete_share))
        .route("/v1/meta/audit", get(audit::list_audit_entries))
        .route("/v1/meta/version", get(c::show_version))
        .route("/v1/meta/changesets", get(c::list_changesets).post(c::apply_changeset))
        .route("/v1/meta/currencies", get(m::show_currencies).put(m::replace_currencies))
        .route("/v1/meta/currencies/rates", post(m::add_rates))
        .route("/v1/meta/currencies/rates/{currency}/{validFrom}", delete(m::delete_rate))
        .route("/v1/meta/deleted", get(x::list_deleted))
        .route("/v1/meta/deleted/{id}", get(x::show_deleted).delete(x::purge_deleted))
        .route("/v1/meta/deleted/{id}/restore", post(x::restore_deleted))
        .route("/v1/meta/jobs", get(j::list_jobs))
        .route("/v1/meta/jobs/{id}", get(j::show_job))
        .route("/v1/meta/jobs/{id}/cancel", post(j::cancel_job))
        .route("/v1/meta/jobs/{id}/retry", post(j::retry_job))
        .route("/v1/meta/indexes/advice", get(indexes::show_advice))
        .route("/v1/meta/objects/{name}/verify", post(v::verify_object_type))
        .route("/v1/meta/objects/{name}/fields/{field}/verify", post(v::verify_object_field))
        .route("/v1/meta/relations/{name}/verify", post(v::verify_relation_type))
        .route("/v1/meta/relations/{name}/fields/{field}/verify", post(v::verify_relation_field))
        .route("/v1/meta/field-types", get(d::list_field_types))
        .route("/v1/meta/objects", get(d::list_object_types).post(o::create_object_type))
        .route("/v1/meta/objects/{name}", get(d::show_object_type).patch(o::update_object_type).delete(o::delete_object_type))
        .route("/v1/meta/objects/{name}/schema", get(d::show_json_schema))
        .route("/v1/meta/fields", get(d::list_fields))
        .route("/v1/meta/diagram", get(d::show_diagram))
        .route("/v1/meta/objects/{name}/fields", post(f::create_object_field))
        .route("/v1/meta/objects/{name}/fields/{field}", patch(f::update_object_field).delete(f::delete_object_field))
        .route("/v1/meta/option-lists", get(l::list_option_lists).post(l::create_option_list))
        .route("/v1/meta/option-lists/{name}", get(l::show_option_list).patch(l::update_option_list).delete(l::delete_option_list))
        .route("/v1/meta/relations", get(d::list_relation_types).post(r::create_relation_type))
        .route("/v1/meta/relations/{name}", get(d::show_relation_type).patch(r::update_relation_type).delete(r::delete_relation_type))
        .route("/v1/meta/relations/{name}/fields", post(f::create_relation_field))
        .route("/v1/meta/relations/{name}/fields/{field}", patch(f::update_relation_field).delete(f::delete_relation_field))
}

/// RFC 9745.
const DEPRECATION: HeaderName = HeaderName::from_static("deprecation");

async fn no_route() -> Problem {
    Problem::new(
        Code::RouteNotFound,
        "the API has no such address; /docs/ shows those it has",
    )
}

async fn wrong_method() -> Problem {
    Problem::new(
        Code::MethodNotAllowed,
        "this address does not take that method; the Allow header names those it takes",
    )
}

/// Closed unless origins are configured. Credentials travel in the `Authorization` header, never in
/// cookies, so that no origin needs `Allow-Credentials`.
fn cors(config: &Config) -> Option<CorsLayer> {
    if config.cors_origins.is_empty() {
        return None;
    }
    let layer = CorsLayer::new()
        .allow_origin(AllowOrigin::list(config.cors_origins.iter().cloned()))
        .allow_methods([
            Method::GET,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
        ])
        .allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::IF_MATCH,
            header::IF_NONE_MATCH,
            changesets::IF_SCHEMA_VERSION,
            frame::REQUEST_ID,
        ])
        .expose_headers([
            header::ETAG,
            header::LOCATION,
            header::RETRY_AFTER,
            header::WWW_AUTHENTICATE,
            limits::RATE_LIMIT,
            limits::RATE_LIMIT_POLICY,
            DEPRECATION,
            frame::REQUEST_ID,
            frame::SCHEMA_VERSION,
        ])
        .max_age(std::time::Duration::from_hours(1));
    Some(layer)
}
