"""Every option, once. Environment variables carry the prefix CLUSTERLOTSE_; `.env` in the working folder is read
too."""

from functools import cached_property
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """The options; `.env.example` documents each with its default."""

    model_config = SettingsConfigDict(env_prefix="CLUSTERLOTSE_", env_file=".env", extra="ignore", frozen=True)

    corpus: Path = Path("corpus")
    data: Path = Path("var")
    index: Path | None = None
    snapshots_kept: int = Field(default=3, ge=1)
    embedding_model: str = "bundled"
    reranker: str | None = None
    chroma_url: str | None = None
    host: str = "127.0.0.1"
    port: int = Field(default=7860, ge=1, le=65535)
    benchmarks: Path | None = None
    embed_origins: str = ""
    public_url: str | None = None
    trusted_proxies: int = Field(default=0, ge=0, le=5)
    database_url: str | None = None
    retention_days: int = Field(default=30, ge=1)
    rate_per_minute: int = Field(default=60, ge=1)
    concurrent_answers: int = Field(default=256, ge=1)
    signature: str = ""
    oidc_issuer: str | None = None
    oidc_client_id: str | None = None
    oidc_client_secret: SecretStr | None = None
    error_budget: float = Field(default=0.08, gt=0, lt=1)

    @cached_property
    def index_folder(self) -> Path:
        """Where the snapshots are."""
        return self.index or self.data / "index"
