package report

import (
	"encoding/json"
	"net/http"
)

// Fetch reads a JSON document, for a library that does not do so itself.
func Fetch(address string, into any) error {
	response, err := http.Get(address)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	return json.NewDecoder(response.Body).Decode(into)
}
