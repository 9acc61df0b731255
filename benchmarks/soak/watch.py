# SPDX-License-Identifier: Apache-2.0
"""Resource use of the nodes and the database during the soak."""

import pymysql
from psutil import Process
from sqlalchemy import make_url

from demo.ha.nodes import Running

MIB = 1024**2


class Watch:
    """Samples of the workers' memory and the database's connections.

    :ivar first: MiB of resident memory of each worker in the first sample
    :ivar last: the same in the last sample
    :ivar connections: the most connections in any sample
    """

    def __init__(self, ha: Running) -> None:
        self._ha = ha
        url = make_url(ha.cloud.database_url("keystone"))
        self._database = pymysql.connect(
            host=url.host, port=url.port, user=url.username, password=url.password
        )
        self.first: dict[str, float] = {}
        self.last: dict[str, float] = {}
        self.connections = 0

    def look(self) -> None:
        """Take another sample."""
        self.last = {
            f"{node.service.name}, worker {number}": worker.memory_info().rss / MIB
            for node in self._ha.nodes
            for number, worker in enumerate(Process(node.pid).children(), 1)
        }
        self.first = self.first or self.last
        with self._database.cursor() as cursor:
            cursor.execute("SHOW GLOBAL STATUS LIKE 'Threads_connected'")
            self.connections = max(self.connections, int(cursor.fetchone()[1]) - 1)
