"""Gunicorn as its documentation has it: (2 x cores) + 1 workers; threads, since the default worker
closes each connection after one request.
"""

import json
import multiprocessing
import os

from joserfc.jwk import ECKey

bind = "127.0.0.1:" + os.environ["PORT"]
workers = 2 * multiprocessing.cpu_count() + 1
worker_class = "gthread"
threads = 2
# Within the time that the benchmark gives a server to end.
graceful_timeout = 10


def on_starting(server):
    # The workers have to agree on the key and find the table.
    key = ECKey.generate_key("P-256", {"kid": "bench", "use": "sig", "alg": "ES256"}, private=True)
    os.environ["PEER_KEY"] = json.dumps(key.as_dict(private=True))
    import app

    app.Base.metadata.create_all(app.engine)
    app.engine.dispose()
