# What is needed of JSON without a tool for it.

# field NAME: the string of this name in the object on standard input.
field() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; }

# with_first FIRST: the object on standard input, with the access token of FIRST in it.
with_first() { sed "s|}\$|,\"first\":\"$(field access_token <<<"$1")\"}|"; }
