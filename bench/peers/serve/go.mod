module github.com/grantd/grantd/bench/peers/serve

go 1.26.4
