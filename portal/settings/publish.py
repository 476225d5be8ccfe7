"""``[publish]`` of the owner's settings: what goes beside the published pages, and the store they are copied to."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from portal.settings.values import written_like

_STORE = r"(s3|gs|az)://[A-Za-z0-9][A-Za-z0-9._-]{1,62}(/[A-Za-z0-9._/-]*)?"


class PublishSettings(BaseModel):
    """Where pages go besides the output folder. Keys come from the environment, never from here.

    Attributes:
        to: a bucket or container and a folder in it: ``s3://bucket/folder``, ``gs://...``, ``az://account/container``.
        endpoint: the address of a store that speaks S3 and is not Amazon's, such as MinIO or R2.
        region: of an S3 bucket.
        packed_copies: whether each page has copies beside it, packed with gzip and, where it is installed, brotli.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    to: (
        Annotated[
            str,
            Field(max_length=300),
            written_like(_STORE, "a store is s3://bucket/folder, gs://bucket/folder or az://account/container"),
        ]
        | None
    ) = None
    endpoint: (
        Annotated[
            str,
            Field(max_length=300),
            written_like(r"https?://[^\s/@]+", "an endpoint is https:// and a host, without a path"),
        ]
        | None
    ) = None
    region: Annotated[str, written_like(r"[a-z0-9-]{1,40}", "a region is named like eu-central-1")] | None = None
    packed_copies: bool = False
