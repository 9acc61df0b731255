# SPDX-License-Identifier: Apache-2.0
"""Apache and nginx in front of a dashboard or a service, run from their own folder."""

import glob
import os
import pwd
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import trustme

from demo.cloud import HOST, ROOT, CloudError, Service, user_name

_MODULES = Path("/usr/lib/apache2/modules")
#: Debian's Python, for which Debian builds mod_wsgi.
SYSTEM_PYTHON = "/usr/bin/python3"

# Debian's packages, each with a file that exists when the package is installed.
_PACKAGES = {
    "apache2": "/usr/sbin/apache2",
    "libapache2-mod-wsgi-py3": "/usr/lib/apache2/modules/mod_wsgi.so",
    "memcached": "/usr/bin/memcached",
    "nginx": "/usr/sbin/nginx",
    "python3-venv": "/usr/lib/python3.*/ensurepip",
}


def install() -> None:
    """Install the missing Debian packages.

    :raises demo.cloud.CloudError: that names the packages
    """
    missing = [name for name, path in _PACKAGES.items() if not glob.glob(path)]
    if missing:
        done = subprocess.run(
            [ROOT / ".ci" / "apt-install", *missing], stderr=subprocess.PIPE, text=True, check=False
        )
        if done.returncode:
            raise CloudError(done.stderr.strip())


@dataclass(frozen=True)
class Authority:
    """A certificate authority that nobody else trusts.

    :ivar certificate: the file for clients that trust it
    :ivar server: key and certificate of a server on loopback, in one file
    """

    certificate: Path
    server: Path


def authority(folder: Path) -> Authority:
    """Create an authority and a server's certificate."""
    made = Authority(folder / "ca.pem", folder / "server.pem")
    ca = trustme.CA()
    ca.cert_pem.write_to_path(made.certificate)
    server = ca.issue_cert(HOST, "localhost", "*.localhost")
    server.private_key_and_cert_chain_pem.write_to_path(made.server)
    return made


def nginx(
    folder: Path, name: str, port: int, backends: Mapping[str, list[str]], certificate: Path | None
) -> Service:
    """Return an nginx that forwards requests, ready to start.

    :param folder: the folder for its files, with the log of requests in ``<name>-access.log``
    :param port: TCP port on loopback
    :param backends: the ``host:port`` of servers that answer in turn, by path; nginx strips a
        path that ends in ``/`` from the forwarded request
    :param certificate: key and certificate, or None for no TLS
    """
    upstreams, locations = [], []
    for number, (path, servers) in enumerate(backends.items()):
        listed = "".join(f"server {server};" for server in servers)
        upstreams.append(f"upstream b{number} {{ {listed} }}")
        rest = "/" if path != "/" else ""
        locations.append(f"location {path} {{ proxy_pass http://b{number}{rest}; }}")
    tls = (
        f"ssl_certificate {certificate}; ssl_certificate_key {certificate};" if certificate else ""
    )
    configuration = folder / f"{name}.conf"
    newline = "\n  "
    configuration.write_text(f"""\
user {user_name()};
daemon off;
pid {folder}/{name}.pid;
error_log {folder}/{name}-error.log;
events {{ }}
http {{
  log_format all '$status $request_method $request_uri "$http_forwarded" "$http_x_forwarded_for"';
  access_log {folder}/{name}-access.log all;
  client_body_temp_path {folder}/{name}-body;
  proxy_temp_path {folder}/{name}-proxy;
  fastcgi_temp_path {folder}/{name}-fastcgi;
  uwsgi_temp_path {folder}/{name}-uwsgi;
  scgi_temp_path {folder}/{name}-scgi;
  client_max_body_size 100m;
  proxy_read_timeout 180s;
  proxy_set_header Host $http_host;
  proxy_set_header X-Forwarded-Proto $scheme;
  proxy_set_header X-Forwarded-For $remote_addr;
  {newline.join(upstreams)}
  server {{
    listen {HOST}:{port} {"ssl" if certificate else ""};
    {tls}
    {newline.join(locations)}
  }}
}}
""")
    url = f"{'https' if certificate else 'http'}://{HOST}:{port}"
    return Service(
        name,
        url,
        f"tcp://{HOST}:{port}",
        ["/usr/sbin/nginx", "-c", str(configuration)],
        dict(os.environ),
        folder / f"{name}.log",
    )


def apache(
    folder: Path,
    port: int,
    prefix: str,
    script: Path,
    static: Path,
    python: Path,
    **environment: str,
) -> Service:
    """Return an Apache that runs Horizon by mod_wsgi, ready to start.

    :param folder: the folder for its files, with the log of requests in ``access.log``
    :param port: TCP port on loopback
    :param prefix: Horizon's path, ``/horizon``
    :param script: the file with the WSGI application
    :param static: the collected static files
    :param python: the folder of Horizon's environment
    :param environment: variables for Horizon's processes
    """
    server, daemon = "", ""
    if os.geteuid() == 0:  # neither Apache nor mod_wsgi serves as the superuser
        server = "User www-data\nGroup www-data"
        daemon = "user=www-data group=www-data"
    modules = "\n".join(
        f"LoadModule {name}_module {_MODULES}/mod_{name}.so"
        for name in ("mpm_event", "authz_core", "alias", "mime", "env", "wsgi")
    )
    configuration = folder / "apache.conf"
    configuration.write_text(f"""\
{modules}
{server}
ServerName {HOST}
Listen {HOST}:{port}
PidFile {folder}/apache.pid
DefaultRuntimeDir {folder}
ErrorLog {folder}/error.log
LogFormat "%>s %m %U" all
CustomLog {folder}/access.log all
TypesConfig /etc/mime.types
WSGISocketPrefix {folder}/wsgi
WSGIDaemonProcess horizon {daemon} processes=2 threads=4 python-home={python} lang=C.UTF-8
WSGIProcessGroup horizon
WSGIApplicationGroup %{{GLOBAL}}
WSGIScriptAlias {prefix} {script}
Alias {prefix}/static {static}
<Directory />
  Require all granted
</Directory>
""")
    url = f"http://{HOST}:{port}{prefix}"
    return Service(
        "apache",
        url,
        f"{url}/auth/login/",
        ["/usr/sbin/apache2", "-f", str(configuration), "-DFOREGROUND"],
        os.environ | environment,
        folder / "apache.log",
    )


def give_to_apache(folder: Path) -> None:
    """Give a folder to Apache's user, unless Apache runs as the current user."""
    if os.geteuid() == 0:
        user = pwd.getpwnam("www-data")
        for path in [folder, *folder.rglob("*")]:
            os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)
