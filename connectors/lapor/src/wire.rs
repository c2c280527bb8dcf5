//! Native requests with the header every third-generation call carries.

use connector_sdk::{NativeBody, NativeRequest, RelativePath};

/// A reading request.
pub(crate) fn get(step: &'static str, path: RelativePath) -> NativeRequest {
    NativeRequest::get(step, path).header("accept", "application/json")
}

/// A writing request.
pub(crate) fn post(step: &'static str, path: RelativePath, body: NativeBody) -> NativeRequest {
    NativeRequest::post(step, path, body).header("accept", "application/json")
}
