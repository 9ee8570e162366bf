package web

import (
	"errors"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// parseObject reads the JSON dialect: one object of string members. Names are
// matched exactly; a duplicate member, invalid UTF-8, nesting and anything
// after the object are refused; null is an absent member.
func parseObject(body string, room Params) (Params, error) {
	d := jsontext.NewDecoder(strings.NewReader(body))
	if d.PeekKind() != '{' {
		return nil, notAnObject()
	}
	_, err := d.ReadToken()
	if err != nil {
		return nil, notAnObject()
	}
	ps := params{list: room}
	for d.PeekKind() == '"' {
		err = readMember(d, &ps)
		if err != nil {
			return nil, err
		}
	}
	_, err = d.ReadToken()
	if err != nil || d.PeekKind() != 0 || strings.TrimLeft(body[d.InputOffset():], " \t\r\n") != "" {
		return nil, notAnObject()
	}
	return ps.list, nil
}

func readMember(d *jsontext.Decoder, ps *params) error {
	token, err := d.ReadToken()
	if err != nil {
		return memberError(err)
	}
	name := token.String()
	kind := d.PeekKind()
	if kind == '"' || kind == 'n' {
		token, err = d.ReadToken()
		if err != nil {
			return memberError(err)
		}
		if kind == 'n' {
			return ps.add(name, "")
		}
		return ps.add(name, token.String())
	}
	if kind == 0 {
		return notAnObject()
	}
	return invalid("the JSON body has a member that is not a string; every member must be a string, a list of scopes is one string with spaces")
}

// memberError tells a repeated member, which the decoder finds, from broken JSON.
func memberError(err error) error {
	if errors.Is(err, jsontext.ErrDuplicateName) {
		return invalid("the JSON body has a member more than once; send each once")
	}
	return notAnObject()
}

func notAnObject() error {
	return invalid("the body is not one JSON object of string members in UTF-8")
}
