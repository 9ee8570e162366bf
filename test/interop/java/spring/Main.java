package spring;

import java.util.Map;
import org.springframework.security.oauth2.client.*;
import org.springframework.security.oauth2.client.endpoint.*;
import org.springframework.security.oauth2.client.registration.*;
import org.springframework.security.oauth2.core.*;
import report.Report;

public class Main {
    public static void main(String[] args) {
        Report.print(() -> args[0].equals("introspect") ? Introspection.answer() : run(args[0], Registration.of(args[0])));
    }

    static Map<String, Object> run(String feature, ClientRegistration registration) throws Exception {
        if (feature.equals("refresh")) {
            var first = new RestClientClientCredentialsTokenResponseClient()
                    .getTokenResponse(new OAuth2ClientCredentialsGrantRequest(registration));
            var second = new RestClientRefreshTokenTokenResponseClient()
                    .getTokenResponse(new OAuth2RefreshTokenGrantRequest(registration, first.getAccessToken(), first.getRefreshToken()));
            return report(second.getAccessToken(), second.getRefreshToken(), first.getAccessToken());
        }
        var registrations = new InMemoryClientRegistrationRepository(registration);
        var clients = new InMemoryOAuth2AuthorizedClientService(registrations);
        var manager = new AuthorizedClientServiceOAuth2AuthorizedClientManager(registrations, clients);
        var request = OAuth2AuthorizeRequest.withClientRegistrationId("grantd").principal("machine").build();
        OAuth2AccessToken first = manager.authorize(request).getAccessToken();
        if (feature.equals("renew")) {
            Thread.sleep(3000);
            return report(manager.authorize(request).getAccessToken(), null, first);
        }
        return report(first, null, first);
    }

    static Map<String, Object> report(OAuth2AccessToken token, OAuth2RefreshToken refresh, OAuth2AccessToken first) {
        return Report.of("access_token", token.getTokenValue(), "refresh_token", refresh == null ? null : refresh.getTokenValue(),
                "scope", String.join(" ", token.getScopes()), "token_type", token.getTokenType().getValue(),
                "first", first.getTokenValue());
    }
}
