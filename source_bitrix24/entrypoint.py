"""The commands of the Airbyte protocol, as lines for stdout."""

import argparse
import logging
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from airbyte_cdk.entrypoint import AirbyteEntrypoint
from airbyte_cdk.models import AirbyteMessage, ConnectorSpecification, Type
from airbyte_cdk.sources.utils.schema_helpers import split_config
from airbyte_cdk.utils.traced_exception import AirbyteTracedException

from .airbyte.failures import config_failure
from .airbyte.messages import Output, output_of
from .config import Config, ConfigProblem
from .source import SourceBitrix24


class Entrypoint(AirbyteEntrypoint):
    """The CDK's entry point, with a sentence for the user where it would quote a JSON schema or print a traceback."""

    def __init__(self, source: SourceBitrix24) -> None:
        super().__init__(source)
        self._source = source

    def outputs(self, parsed_args: argparse.Namespace) -> Iterator[Output]:
        """Yield the lines of a command. Raises SystemExit after the last one if the command failed.

        The CDK's `run` would copy the settings into a temporary file, which stays where the process is killed.
        """
        if not parsed_args.command:
            raise SystemExit("A command is missing: spec, check, discover or read.")
        for name in ("airbyte", self.logger.name, "bitrix24"):
            logging.getLogger(name).setLevel(logging.DEBUG if parsed_args.debug else logging.INFO)
        try:
            if parsed_args.command == "read":
                yield from self._read(parsed_args)
            else:
                yield from map(output_of, self._messages(parsed_args))
        except AirbyteTracedException as failure:
            yield output_of(failure.as_sanitized_airbyte_message())
            raise SystemExit(1) from None

    def _messages(self, parsed_args: argparse.Namespace) -> Iterator[AirbyteMessage]:
        spec = self._source.spec(self.logger)
        if parsed_args.command == "spec":
            yield AirbyteMessage(type=Type.SPEC, spec=spec)
            return
        config = self._source.read_config(parsed_args.config)
        yield from self.check(spec, config) if parsed_args.command == "check" else self.discover(spec, config)

    def _read(self, parsed_args: argparse.Namespace) -> Iterator[Output]:
        """Read without the CDK's message object for each record, which costs more than typing and writing the record."""
        source = self._source
        config = source.read_config(parsed_args.config)
        spec = source.spec(self.logger)
        self.set_up_secret_filter(config, spec.connectionSpecification)
        self.validate_connection(spec, config)
        catalog, state = source.read_catalog(parsed_args.catalog), source.read_state(parsed_args.state)
        yield from source.read_outputs(self.logger, config, catalog, state)

    @staticmethod
    def validate_connection(source_spec: ConnectorSpecification, config: Mapping[str, Any]) -> None:
        """Raise the platform's exception for settings that cannot be used."""
        try:
            Config.parse(split_config(config)[0], datetime.now(UTC))
        except ConfigProblem as problem:
            raise config_failure(problem) from None
