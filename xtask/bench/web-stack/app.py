"""The web stack that Nameplate is compared with: FastAPI, fastapi-users, httpx-oauth and SQLite.

Arguments: the address of the provider, a port, a folder. Signs in with Discord, stores the user, then reads the
profile and stores nickname and picture.
"""

import sys
from contextlib import asynccontextmanager
from uuid import UUID

import uvicorn
from fastapi import FastAPI
from fastapi_users import BaseUserManager, FastAPIUsers, UUIDIDMixin
from fastapi_users.authentication import AuthenticationBackend, BearerTransport, JWTStrategy
from fastapi_users.db import (
    SQLAlchemyBaseOAuthAccountTableUUID,
    SQLAlchemyBaseUserTableUUID,
    SQLAlchemyUserDatabase,
)
from httpx_oauth.clients import discord
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

provider, port, folder = sys.argv[1:]
discord.AUTHORIZE_ENDPOINT = f"{provider}/oauth2/authorize"
discord.ACCESS_TOKEN_ENDPOINT = f"{provider}/api/oauth2/token"
discord.PROFILE_ENDPOINT = f"{provider}/api/users/@me"
SECRET = "a secret of the benchmark, which protects nothing"
client = discord.DiscordOAuth2("demo-discord-confidential", "demo-discord-secret")


class Base(DeclarativeBase):
    pass


class OAuthAccount(SQLAlchemyBaseOAuthAccountTableUUID, Base):
    pass


class User(SQLAlchemyBaseUserTableUUID, Base):
    nickname: Mapped[str | None] = mapped_column(default=None)
    picture: Mapped[str | None] = mapped_column(default=None)
    oauth_accounts: Mapped[list[OAuthAccount]] = relationship("OAuthAccount", lazy="joined")


engine = create_async_engine(f"sqlite+aiosqlite:///{folder}/users.db")
sessions = async_sessionmaker(engine, expire_on_commit=False)


class Manager(UUIDIDMixin, BaseUserManager[User, UUID]):
    async def on_after_login(self, user, request=None, response=None):
        profile = await client.get_profile(user.oauth_accounts[0].access_token)
        picture = f"{provider}/cdn/avatars/{profile['id']}/{profile['avatar']}.png"
        await self.user_db.update(user, {"nickname": profile["global_name"], "picture": picture})


async def manager():
    async with sessions() as session:
        yield Manager(SQLAlchemyUserDatabase(session, User, OAuthAccount))


@asynccontextmanager
async def with_tables(_app):
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield


backend = AuthenticationBackend(
    name="jwt", transport=BearerTransport("login"), get_strategy=lambda: JWTStrategy(SECRET, 3600)
)
app = FastAPI(lifespan=with_tables)
redirect_uri = f"http://127.0.0.1:{port}/callback/discord"
users = FastAPIUsers[User, UUID](manager, [backend])
app.include_router(users.get_oauth_router(client, backend, SECRET, redirect_uri), prefix="/discord")


@app.post("/forget")
async def forget():
    async with sessions.begin() as session:
        await session.execute(delete(OAuthAccount))
        await session.execute(delete(User))


uvicorn.run(app, host="127.0.0.1", port=int(port), log_level="warning")
