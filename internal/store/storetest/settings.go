package storetest

import (
	"fmt"
	"sync"

	"github.com/grantd/grantd/internal/store"
)

func settingTests() []test {
	return []test{
		{"Setting answers ErrNotFound", settingNotFound},
		{"InitSetting stores a value and returns it", initStores},
		{"InitSetting returns the value that is there already", initKeeps},
		{"of concurrent InitSettings all return the same value", initConcurrently},
		{"an empty value is a value", emptyValue},
		{"InitSetting leaves no audit row and no change", initLeavesNothing},
		{"SetSetting stores a value in place of the one there may be", setReplaces},
		{"SetSetting leaves no audit row and no change", setLeavesNothing},
	}
}

func settingNotFound(e *env) {
	e.initSetting("n", []byte("v"))
	for _, name := range []string{"", "N", "n ", "m"} {
		_, err := e.store.Setting(e.ctx, name)
		fails(e, "setting "+name, err, store.ErrNotFound)
	}
}

func initStores(e *env) {
	for i, value := range []string{"v", "\x00\xff", "日本語"} {
		name := fmt.Sprint("name “", i)
		got := e.initSetting(name, []byte(value))
		same(e, "value returned", got, []byte(value))
		got = e.setting(name)
		same(e, "value stored", got, []byte(value))
	}
}

func initKeeps(e *env) {
	e.initSetting("n", []byte("first"))
	got := e.initSetting("n", []byte("second"))
	same(e, "value returned", got, []byte("first"))
	got = e.setting("n")
	same(e, "value stored", got, []byte("first"))
}

func initConcurrently(e *env) {
	const callers = 16
	var got [callers]string
	var wg sync.WaitGroup
	for i := range callers {
		wg.Go(func() {
			value, err := e.store.InitSetting(e.ctx, "n", fmt.Append(nil, "value ", i))
			fails(e, "init setting", err, nil)
			got[i] = string(value)
		})
	}
	wg.Wait()
	stored := string(e.setting("n"))
	for i := range got {
		same(e, "value returned", got[i], stored)
	}
}

func emptyValue(e *env) {
	for _, value := range [][]byte{nil, {}} {
		name := fmt.Sprintf("%#v", value)
		e.initSetting(name, value)
		got := e.initSetting(name, []byte("second"))
		same(e, "length returned", len(got), 0)
		got = e.setting(name)
		same(e, "length stored", len(got), 0)
	}
}

func initLeavesNothing(e *env) {
	e.initSetting("n", []byte("v"))
	same(e, "head", e.head(), store.Position{})
	same(e, "audit rows", e.auditRows(), nil)
}

func setReplaces(e *env) {
	e.initSetting("b", []byte("initialized"))
	for _, value := range []string{"first", "second", "\x00\xff", ""} {
		for _, name := range []string{"a", "b"} {
			e.setSetting(name, []byte(value))
			same(e, "value stored", string(e.setting(name)), value)
		}
	}
	e.setSetting("a", nil)
	same(e, "length of nothing", len(e.setting("a")), 0)
	same(e, "value that a later InitSetting returns", string(e.initSetting("b", []byte("again"))), "")
	e.setSetting("c", []byte("v"))
	e.reopen()
	same(e, "value after opening again", string(e.setting("c")), "v")
}

func setLeavesNothing(e *env) {
	e.setSetting("n", []byte("v"))
	e.setSetting("n", []byte("w"))
	same(e, "head", e.head(), store.Position{})
	same(e, "audit rows", e.auditRows(), nil)
}
