# SPDX-License-Identifier: Apache-2.0
"""The configuration of gunicorn for every service; ``GUNICORN_CMD_ARGS`` names this file.

A file and not arguments, because Keystone and Glance read ``sys.argv`` for options of their own.
The differences between the services come from the environment.
"""

import fcntl
import io
import os

wsgi_app = os.environ["SERVE_APP"]
bind = os.environ["SERVE_BIND"]
errorlog = os.environ["SERVE_LOG"]
capture_output = True

# Two processes, as in real deployments, expose code that relies on shared memory.
workers = int(os.environ.get("SERVE_WORKERS", "2"))
# Horizon is imported once and then forked, which halves the processor time of its start.
preload_app = "SERVE_PRELOAD" in os.environ
worker_class = "gthread"
threads = 8
timeout = 120
graceful_timeout = int(os.environ.get("SERVE_GRACEFUL", "3"))
# Longer than the idle time of the clients' connection pools in a dialog that stays open.
keepalive = 75
# Otherwise all instances would open the same socket in the home folder.
control_socket_disable = True


def post_worker_init(worker):
    """Allow one write request at a time, if the service uses SQLite.

    SQLite refuses concurrent writes ("database is locked"), and an upload that collides with
    another write is lost. In real installations the database makes one write wait for the other.
    """
    path = os.environ.get("SERVE_ONE_WRITER")
    if not path:
        return
    application = worker.wsgi

    def one_writer(environ, start_response):
        if environ["REQUEST_METHOD"] in ("GET", "HEAD"):
            return application(environ, start_response)
        # A client that stops between head and body must not hold up the others. The file of an
        # image is too large to be read in advance.
        length = int(environ.get("CONTENT_LENGTH") or 0)
        if length and environ.get("CONTENT_TYPE") != "application/octet-stream":
            environ["wsgi.input"] = io.BytesIO(environ["wsgi.input"].read(length))
        with open(path, "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            return application(environ, start_response)

    worker.wsgi = one_writer


def worker_exit(_server, _worker):
    """End a node's worker as soon as it has answered.

    Python would join the threads of the worker's pool first. After some of Horizon's pages it waits
    for a thread that ended long ago, until gunicorn kills the worker. Runs that measure coverage
    keep the ordinary exit, because coverage is written after this hook.
    """
    if "SERVE_GRACEFUL" in os.environ:
        os._exit(0)
