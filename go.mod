module github.com/grantd/grantd

go 1.26.0
