from itsm.settings import celery_url


def test_a_redis_socket_is_spelt_the_way_celery_wants_it() -> None:
    assert celery_url("unix:///tmp/x/redis.sock?db=3") == "redis+socket:///tmp/x/redis.sock?virtual_host=3"
