"""Creates users, rights and topics as the table of rights says: `python -m deploy.rights apply|list`.

GIAHAN_KAFKA_USER, GIAHAN_KAFKA_PASSWORD and GIAHAN_MONGO must be the admin's here. `--passwords FILE` names a
JSON file, `{"kafka": {USER: PASSWORD}, "mongo": {USER: PASSWORD}}`: a user that does not exist yet is created
with the password in it. Repeating the command changes nothing. See docs/how-to/secure-kafka-and-mongo.md.
"""

import argparse
import asyncio
import json
from collections.abc import Sequence
from pathlib import Path

from aiokafka.errors import KafkaError
from confluent_kafka import KafkaException
from pydantic import SecretStr
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from deploy.rights.kafka import KafkaRights
from deploy.rights.mongo import Document, MongoRights
from deploy.rights.table import acls
from deploy.texts import line
from shared.messaging.broker import KafkaNames
from shared.runtime.settings import Settings, read

Passwords = dict[str, dict[str, SecretStr]]


def _passwords(file: Path | None) -> Passwords:
    told: dict[str, dict[str, str]] = json.loads(file.read_text()) if file else {}
    return {
        server: {user: SecretStr(password) for user, password in told.get(server, {}).items()}
        for server in ("kafka", "mongo")
    }


async def apply(settings: Settings, passwords: Passwords) -> None:
    """Apply the rights to Kafka, then to MongoDB, and print which users were created.

    Raises what Kafka and MongoDB raise, and KeyError for a new user without a password.
    """
    kafka = KafkaRights(settings.connection, KafkaNames(settings.namespace))
    added = await kafka.add_users(passwords["kafka"])
    await kafka.apply(replication=settings.replication)
    print(f"Kafka: {len(kafka.present())} ACL; {line('rights.new_users')}: {', '.join(added) or '—'}")
    with MongoClient[Document](settings.mongo.get_secret_value()) as client:
        added = MongoRights(client, settings).apply(passwords["mongo"])
    print(f"MongoDB: {line('rights.new_users')}: {', '.join(added) or '—'}")


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m deploy.rights",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    does = parser.add_subparsers(dest="does", required=True)
    does.add_parser("list", help="print the ACLs that the table makes")
    does.add_parser("apply", help="bring both servers into line").add_argument("--passwords", type=Path)
    named = parser.parse_args(argv)
    settings = read(Settings, serves=False)
    if named.does == "list":
        for acl in sorted(acls(KafkaNames(settings.namespace))):
            print("  ".join(acl))
        return 0
    try:
        asyncio.run(apply(settings, _passwords(named.passwords)))
    except (KafkaError, KafkaException, PyMongoError, TimeoutError) as error:
        print(f"✗ {line('rights.failed')}: {type(error).__name__}")
        return 2
    except KeyError as user:
        print(f"✗ {line('rights.no_password')} {user} (--passwords)")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
