# SPDX-License-Identifier: Apache-2.0
"""How every service of the demo is served; named in ``GUNICORN_CMD_ARGS``.

A file and not arguments, because Keystone and Glance read ``sys.argv`` for
options of their own. What differs between the services comes in the environment.
"""

import fcntl
import os

wsgi_app = os.environ["SERVE_APP"]
bind = os.environ["SERVE_BIND"]
errorlog = os.environ["SERVE_LOG"]
capture_output = True

# Two processes, as in any real deployment: what works in one only by sharing memory shows here.
workers = int(os.environ.get("SERVE_WORKERS", "2"))
worker_class = "gthread"
threads = 8
timeout = 120
graceful_timeout = int(os.environ.get("SERVE_GRACEFUL", "3"))
# Longer than the idle time of the clients' connection pools in a dialog that stays open.
keepalive = 75
# All instances would open the same socket in the home folder.
control_socket_disable = True


def post_worker_init(worker):
    """Let one request at a time write, where the service has SQLite.

    SQLite refuses two writes that meet ("database is locked"), and an upload that meets another
    write is lost. The databases of real installations make one wait for the other.
    """
    path = os.environ.get("SERVE_ONE_WRITER")
    if not path:
        return
    application = worker.wsgi

    def one_writer(environ, start_response):
        if environ["REQUEST_METHOD"] in ("GET", "HEAD"):
            return application(environ, start_response)
        with open(path, "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            return application(environ, start_response)

    worker.wsgi = one_writer


def worker_exit(_server, _worker):
    """Let a node's worker end as soon as it has answered.

    Python would join the threads of the worker's pool first, and after some of Horizon's pages
    it waits for one that has ended long ago, until gunicorn kills the worker. Not where
    coverage is measured, which is written down after this.
    """
    if "SERVE_GRACEFUL" in os.environ:
        os._exit(0)
