package storetest

import (
	"fmt"
	"math"
	"time"

	"github.com/grantd/grantd/internal/store"
)

func policyTests() []test {
	return []test{
		{"parameters and routes keep their order", parametersInOrder},
		{"a name of a parameter that is there twice is ErrInvalid", parameterTwice},
		{"an API may be without parameters and routes", apiWithoutRoutes},
		{"each part of a policy is kept by itself", policyParts},
		{"the zero policy is kept", zeroPolicy},
		{"claims are kept byte by byte", claimsByBytes},
		{"texts that are not UTF-8 are ErrInvalid", textsNotUTF8},
	}
}

func parametersInOrder(e *env) {
	api := newAPI("a")
	api.Parameters, api.Routes = nil, nil
	for i := range 20 {
		name := fmt.Sprint("p", (i*7)%20)
		api.Parameters = append(api.Parameters, store.Parameter{Name: name, Type: "enum:" + name + "|é|日"})
		api.Routes = append(api.Routes, store.Route{
			Method: "GET", Path: "/" + name, Scopes: []string{"/z", "/" + name, "/a", "/z"},
		})
	}
	// What routes mean is not a store's business, so they may be the same.
	api.Routes = append(api.Routes, api.Routes[3])
	e.write(store.CreateAPI{API: api}, createAPI("b"))
	same(e, "API", e.api("a"), api)
	same(e, "APIs", e.apis(), []store.API{api, newAPI("b")})
}

func parameterTwice(e *env) {
	e.write(createAPI("a"))
	e.invalidAPI("parameters", "z", func(a *store.API) { a.Parameters[1].Name = "z" })
	changed := newAPI("a")
	changed.Parameters[1].Name = "Z"
	e.write(store.UpdateAPI{API: changed})
	same(e, "parameters", e.api("a").Parameters, changed.Parameters)
}

func apiWithoutRoutes(e *env) {
	api := newAPI("a")
	api.Parameters, api.Routes = nil, nil
	e.write(store.CreateAPI{API: api}, createAPI("b"))
	same(e, "APIs", e.apis(), []store.API{api, newAPI("b")})
}

func policyParts(e *env) {
	var want []store.Client
	for i, p := range []store.Policy{
		{Origins: []string{"https://a.example"}},
		{Networks: []string{"192.0.2.0/24"}},
		{ValidFrom: now},
		{ValidFrom: time.UnixMilli(0).UTC()},
		{ValidUntil: now},
		{RequestsPerSecond: 1},
		{Burst: 2},
		{TokensPerHour: math.MaxInt32},
		{TokensPerDay: 4},
		{Claims: "{}"},
		newPolicy("c"),
	} {
		c := newClient(fmt.Sprint("client-", string(rune('a'+i))))
		c.Policy = p
		want = append(want, c)
		e.write(store.CreateClient{Client: c})
		same(e, "client", e.client(c.ID), c)
	}
	same(e, "clients", e.clients(), want)
}

func zeroPolicy(e *env) {
	c := newClient("c")
	c.Policy = store.Policy{}
	e.write(store.CreateClient{Client: c}, createClient("d"))
	same(e, "client", e.client("c"), c)
	same(e, "clients", e.clients(), []store.Client{c, newClient("d")})
}

func claimsByBytes(e *env) {
	for i, claims := range []string{
		`{"a":1}`, "{ \"a\" :\t1.0e0 }\n", `{"a":"\u0061<>&` + "\u2028" + `","a":{}}`, "not JSON at all \x00\x7f", "null",
	} {
		c := newClient(fmt.Sprint("client-", i))
		c.Policy.Claims = claims
		e.write(store.CreateClient{Client: c})
		same(e, "client", e.client(c.ID), c)
	}
}

func textsNotUTF8(e *env) {
	e.write(createAPI("a"), createClient("c"))
	const bad = "a\xffb"
	e.invalidAPI("parameters", bad, func(a *store.API) { a.Parameters[1].Name = bad })
	e.invalidAPI("parameters", bad, func(a *store.API) { a.Parameters[0].Type = bad })
	e.invalidAPI("routes", bad, func(a *store.API) { a.Routes[0].Method = bad })
	e.invalidAPI("routes", bad, func(a *store.API) { a.Routes[1].Path = bad })
	e.invalidAPI("routes", bad, func(a *store.API) { a.Routes[0].Scopes[1] = bad })
	e.invalidClient("origins", bad, func(c *store.Client) { c.Policy.Origins[0] = bad })
	e.invalidClient("networks", bad, func(c *store.Client) { c.Policy.Networks[1] = bad })
	e.invalidClient("claims", bad, func(c *store.Client) { c.Policy.Claims = bad })
	same(e, "APIs", e.apis(), []store.API{newAPI("a")})
	same(e, "clients", e.clients(), []store.Client{newClient("c")})
}
