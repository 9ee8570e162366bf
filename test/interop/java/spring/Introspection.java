package spring;

import static report.Report.env;

import java.util.Map;
import org.springframework.security.oauth2.core.OAuth2TokenIntrospectionClaimAccessor;
import org.springframework.security.oauth2.server.resource.introspection.RestClientOpaqueTokenIntrospector;
import report.Report;

class Introspection {
    static Map<String, Object> answer() {
        var introspector = RestClientOpaqueTokenIntrospector.withIntrospectionUri(env("INTROSPECTION_ENDPOINT"))
                .clientId(env("CLIENT_ID")).clientSecret(env("CLIENT_SECRET")).build();
        var token = (OAuth2TokenIntrospectionClaimAccessor) introspector.introspect(env("TOKEN"));
        return Report.of("active", token.isActive(), "scope", String.join(" ", token.getScopes()), "client_id", token.getClientId());
    }
}
