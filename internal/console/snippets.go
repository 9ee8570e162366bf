package console

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// snippet is a program that gets a token with a key.
type snippet struct{ ID, Name, Text string }

// snippets are filled in with this server and a key. Without a scope the key gets all it
// can. Whatever an imported id is made of, it is a text in each of the languages: all of
// it is printable ASCII, which the four others quote alike.
func snippets(issuer, id, secret, scope string, refreshes bool) []snippet {
	endpoint := issuer + "/oauth2/token"
	const next = " \\\n  "
	form, extra, argument, object := "", "", "", ""
	if scope != "" {
		form = next + "--data-urlencode " + shellQuote("scope="+scope)
		extra = ", \"scope\": " + strconv.Quote(scope)
		argument = ", scope=" + strconv.Quote(scope)
		object = ",\"scope\":" + strconv.Quote(scope)
	}
	body := fmt.Sprintf(`{"client_id":%q,"client_secret":%q,"grant_type":"client_credentials"%s}`, id, secret, object)
	// RFC 6749 §2.3.1: in Basic, both are encoded as in a form.
	basic := url.QueryEscape(id) + ":" + url.QueryEscape(secret)
	all := []snippet{
		{"curl", "curl", "curl -u " + shellQuote(basic) + next + "-d grant_type=client_credentials" + form + next + shellQuote(endpoint)},
		{"json", "JSON", "curl -H 'Content-Type: application/json'" + next + "-d " + shellQuote(body) + next + shellQuote(endpoint)},
		{"python", "Python", fmt.Sprintf(pythonText, endpoint, extra, basic)},
		{"node", "Node", fmt.Sprintf(nodeText, endpoint, basic, strings.ReplaceAll(extra, `"scope"`, "scope"))},
		{"go", "Go", fmt.Sprintf(goText, goScope(scope), endpoint, url.QueryEscape(id), url.QueryEscape(secret))},
		{"java", "Java", fmt.Sprintf(javaText, basic, endpoint, javaScope(scope))},
	}
	// This one takes no answer without a refresh token.
	if refreshes {
		all = append(all, snippet{"sdk", "Python, moovio-sdk", fmt.Sprintf(sdkText, issuer, id, secret, argument)})
	}
	return all
}

func shellQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

func goScope(scope string) string {
	if scope == "" {
		return ""
	}
	return fmt.Sprintf("\n\tform.Set(\"scope\", %q)", scope)
}

func javaScope(scope string) string {
	if scope == "" {
		return ""
	}
	return fmt.Sprintf(` + "&scope=" + java.net.URLEncoder.encode(%q, "UTF-8")`, scope)
}

const sdkText = `from moovio_sdk import Moov
from moovio_sdk.models import components

with Moov(server_url=%q) as moov:
    answer = moov.authentication.create_access_token(
        grant_type=components.GrantType("client_credentials"),
        client_id=%q, client_secret=%q%s,
    )
print(answer.result.access_token)
`

const pythonText = `import base64, json, urllib.parse, urllib.request

request = urllib.request.Request(
    %q,
    data=urllib.parse.urlencode({"grant_type": "client_credentials"%s}).encode(),
)
credentials = base64.b64encode(%q.encode()).decode()
request.add_header("Authorization", "Basic " + credentials)
with urllib.request.urlopen(request) as response:
    print(json.load(response)["access_token"])
`

const nodeText = `const response = await fetch(%q, {
  method: "POST",
  headers: { Authorization: "Basic " + btoa(%q) },
  body: new URLSearchParams({ grant_type: "client_credentials"%s }),
});
console.log((await response.json()).access_token);
`

const goText = `package main

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
)

func main() {
	form := url.Values{"grant_type": {"client_credentials"}}%s
	request, err := http.NewRequest("POST", %q, strings.NewReader(form.Encode()))
	if err != nil {
		panic(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.SetBasicAuth(%q, %q)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		panic(err)
	}
	defer response.Body.Close()
	io.Copy(os.Stdout, response.Body)
	fmt.Println()
}
`

const javaText = `import java.net.URI;
import java.net.http.*;
import java.util.Base64;

public class Token {
    public static void main(String[] args) throws Exception {
        String credentials = Base64.getEncoder().encodeToString(%q.getBytes());
        HttpRequest request = HttpRequest.newBuilder(URI.create(%q))
            .header("Authorization", "Basic " + credentials)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString("grant_type=client_credentials"%s))
            .build();
        System.out.println(HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body());
    }
}
`
