package oauth

// ErrorCode is the value of the error member of an error response.
type ErrorCode string

// The error codes grantd answers with.
const (
	// InvalidRequest: a parameter is missing, repeated or malformed (RFC 6749 §5.2).
	InvalidRequest ErrorCode = "invalid_request"
	// InvalidClient: client authentication failed (RFC 6749 §5.2).
	InvalidClient ErrorCode = "invalid_client"
	// InvalidGrant: the refresh token is not good for this client (RFC 6749 §5.2).
	InvalidGrant ErrorCode = "invalid_grant"
	// UnauthorizedClient: the client may not use this grant (RFC 6749 §5.2).
	UnauthorizedClient ErrorCode = "unauthorized_client"
	// UnsupportedGrantType: the server does not know this grant (RFC 6749 §5.2).
	UnsupportedGrantType ErrorCode = "unsupported_grant_type"
	// UnsupportedResponseType: the server has no flow that begins in a browser (RFC 6749 §4.1.2.1).
	UnsupportedResponseType ErrorCode = "unsupported_response_type"
	// InvalidScope: a scope is unknown, malformed or not granted (RFC 6749 §5.2).
	InvalidScope ErrorCode = "invalid_scope"
	// InvalidTarget: the resource is unknown or malformed (RFC 8707 §2).
	InvalidTarget ErrorCode = "invalid_target"
	// AccessDenied: a rule of the key refuses this request (RFC 6749 §4.1.2.1).
	AccessDenied ErrorCode = "access_denied"
	// ServerError: an unexpected failure of the server (RFC 6749 §4.1.2.1).
	ServerError ErrorCode = "server_error"
	// TemporarilyUnavailable: try again later (RFC 6749 §4.1.2.1).
	TemporarilyUnavailable ErrorCode = "temporarily_unavailable"
)

// Error is the error response of an OAuth 2.0 endpoint (RFC 6749 §5.2). Both
// members are public: whatever stands here may be shown to the caller.
type Error struct {
	// Code says what kind of thing went wrong.
	Code ErrorCode `json:"error"`
	// Description is one sentence that tells a developer what to do. It holds
	// only printable ASCII without '"' and '\'. Empty means there is none.
	Description string `json:"error_description,omitempty"`
}

// Error returns the code and the description in one line.
func (e *Error) Error() string {
	if e.Description == "" {
		return string(e.Code)
	}
	return string(e.Code) + ": " + e.Description
}
