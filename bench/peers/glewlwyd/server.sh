#!/bin/sh
# server.sh DATABASE: Glewlwyd with its environment for a configuration: the values of Debian's
# sample file but for the address, the log and the database. PORT says where.
set -eu

export GLWD_PORT="$PORT" GLWD_BIND_ADDRESS=127.0.0.1 GLWD_EXTERNAL_URL="http://127.0.0.1:$PORT/"
export GLWD_API_PREFIX=api GLWD_LOGIN_URL=login.html GLWD_COOKIE_SECURE=0
export GLWD_LOG_MODE=console GLWD_LOG_LEVEL=WARNING
export GLWD_ADMIN_SCOPE=g_admin GLWD_PROFILE_SCOPE=g_profile
export GLWD_SESSION_KEY=GLEWLWYD2_SESSION_ID GLWD_SESSION_EXPIRATION=2419200
export GLWD_LOGIN_API_ENABLED=1 GLWD_HASH_ALGORITHM=SHA512
export GLWD_USER_MODULE_PATH=/usr/lib/glewlwyd/user
export GLWD_CLIENT_MODULE_PATH=/usr/lib/glewlwyd/client
export GLWD_AUTH_SCHEME_MODULE_PATH=/usr/lib/glewlwyd/scheme
export GLWD_PLUGIN_MODULE_PATH=/usr/lib/glewlwyd/plugin
export GLWD_DATABASE_TYPE=sqlite3 GLWD_DATABASE_SQLITE3_PATH="$1"
exec glewlwyd -e
