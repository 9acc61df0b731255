"""The demo's people get in, and land where this cloud can serve them."""

import pytest

from tests.conftest import PROJECT_OF


@pytest.mark.parametrize("user", PROJECT_OF)
def test_lands_on_images(login, user):
    """After login, Horizon leads to Project > Compute > Images."""
    client = login(user)

    response = client.get("/", follow=True)

    assert response.redirect_chain[-1][0] == "/project/images/"
    assert response.status_code == 200
