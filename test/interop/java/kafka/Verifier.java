package kafka;

import static report.Report.env;

import java.util.Map;
import org.apache.kafka.common.config.*;
import org.apache.kafka.common.security.JaasContext;
import org.apache.kafka.common.security.oauthbearer.*;
import report.Report;

/** Checks tokens as a Kafka broker does. */
public class Verifier {
    public static void main(String[] args) {
        System.setProperty("org.apache.kafka.sasl.oauthbearer.allowed.urls", env("JWKS_URI"));
        Map<String, Object> properties = Report.of(
                "sasl.jaas.config", OAuthBearerLoginModule.class.getName() + " required;",
                "sasl.oauthbearer.jwks.endpoint.url", env("JWKS_URI"),
                "sasl.oauthbearer.jwks.endpoint.refresh.ms", 10000L,
                "sasl.oauthbearer.expected.issuer", env("ISSUER"),
                "sasl.oauthbearer.expected.audience", env("AUDIENCE"),
                "sasl.oauthbearer.clock.skew.seconds", 0);
        Map<String, ?> config = new AbstractConfig(new ConfigDef().withClientSaslSupport(), properties).values();
        var handler = new OAuthBearerValidatorCallbackHandler();
        handler.configure(config, "OAUTHBEARER", JaasContext.loadClientContext(config).configurationEntries());
        Report.verify(token -> {
            var callback = new OAuthBearerValidatorCallback(token);
            handler.handle(new OAuthBearerValidatorCallback[] {callback});
            if (callback.token() == null) {
                throw new SecurityException(callback.errorStatus());
            }
            return Map.of("sub", callback.token().principalName(), "scope", String.join(" ", callback.token().scope()));
        });
        // The thread that reads the key set again outlives handler.close().
        System.exit(0);
    }
}
