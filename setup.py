"""Packaging. Tools are set up in pyproject.toml."""

from pathlib import Path

from setuptools import find_packages, setup

setup(
    name="source-bitrix24",
    version="0.1.0",
    description="Airbyte source connector for the CRM of Bitrix24",
    long_description=Path(__file__).with_name("README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="MIT",
    python_requires=">=3.11,<3.15",
    packages=find_packages(include=["source_bitrix24", "source_bitrix24.*"]),
    package_data={"source_bitrix24": ["py.typed", "catalog/columns/*.json"]},
    install_requires=[
        "airbyte-cdk~=7.39.1",
        "msgspec>=0.20",
        "orjson>=3.10",
        "pendulum>=3.0,<4",
        "requests>=2.32",
    ],
    extras_require={
        "dev": [
            "airbyte-connector-models; python_version < '3.13'",
            "docker",
            "hypothesis",
            "import-linter",
            "jsonschema",
            "mypy",
            "pytest",
            "pytest-randomly",
            "pytest-xdist",
            "ruff",
            "setuptools",
            "types-jsonschema",
            "types-PyYAML",
            "types-requests",
            "types-setuptools",
            "wheel",
        ],
    },
    entry_points={
        "console_scripts": [
            "source-bitrix24=source_bitrix24.run:run",
            "source-bitrix24-doctor=source_bitrix24.doctor.run:run",
        ]
    },
)
