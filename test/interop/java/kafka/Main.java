package kafka;

import static report.Report.env;

import java.util.Map;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.security.JaasContext;
import org.apache.kafka.common.security.authenticator.LoginManager;
import org.apache.kafka.common.security.oauthbearer.*;
import org.apache.kafka.common.security.oauthbearer.internals.OAuthBearerRefreshingLogin;
import report.Report;

/** Logs in as a producer, consumer or admin client does before it talks to a broker. */
public class Main {
    public static void main(String[] args) {
        System.setProperty("org.apache.kafka.sasl.oauthbearer.allowed.urls", env("TOKEN_ENDPOINT"));
        Report.print(() -> run(args[0]));
    }

    static Map<String, Object> run(String feature) throws Exception {
        Map<String, Object> properties = Report.of(
                "bootstrap.servers", "localhost:9092", "sasl.jaas.config", OAuthBearerLoginModule.class.getName() + " required;",
                "sasl.login.callback.handler.class", OAuthBearerLoginCallbackHandler.class.getName(),
                "sasl.oauthbearer.token.endpoint.url", env("TOKEN_ENDPOINT"),
                "sasl.oauthbearer.client.credentials.client.id", env("CLIENT_ID"),
                "sasl.oauthbearer.client.credentials.client.secret", env("CLIENT_SECRET"),
                "sasl.oauthbearer.scope", env("SCOPE").isEmpty() ? null : env("SCOPE"),
                // It renews in the background: at the end of the token rather than at a random moment before.
                "sasl.login.refresh.window.factor", 1.0, "sasl.login.refresh.window.jitter", 0.0);
        Map<String, ?> config = new AdminClientConfig(properties).values();
        var subject = LoginManager.acquireLoginManager(
                JaasContext.loadClientContext(config), "OAUTHBEARER", OAuthBearerRefreshingLogin.class, config).subject();
        OAuthBearerToken first = subject.getPrivateCredentials(OAuthBearerToken.class).iterator().next(), token = first;
        for (int i = 0; i < 30 && feature.equals("renew") && token == first; i++) {
            Thread.sleep(100);
            token = subject.getPrivateCredentials(OAuthBearerToken.class).iterator().next();
        }
        return Report.of("access_token", token.value(), "scope", String.join(" ", token.scope()), "first", first.value());
    }
}
