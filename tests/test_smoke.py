def test_the_builder_makes_a_valid_base(base):
    assert base.codes() == []
    result = base.load()
    assert result.problems == []
    assert base.db.is_file()
